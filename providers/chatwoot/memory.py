"""A Chatwoot account in memory, for tests and simulations: strict, and it can be told to fail."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsl.model import Json
from providers.chatwoot import people, trimmings
from providers.chatwoot.content import Card, Choice, compose, keeps_source_id
from providers.chatwoot.find import pick
from providers.chatwoot.models import OUTGOING, Attachment, Inbox, Sent, State
from providers.chatwoot.port import Status
from providers.errors import Failed
from providers.planned import Plans, strike

PROVIDER = "chatwoot"
MOST_TEXT = 150_000
MOST_FILES = 15
INCOMING = 0


@dataclass
class Talk:
    """A conversation: its channel, state and messages (as REST lists them)."""

    number: int
    channel: str
    contact_id: int
    status: str = "pending"
    labels: list[str] = field(default_factory=list)
    agent: int | None = None
    team: int | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)


class MemoryChatwoot(Plans):
    """Offers what the client offers; `clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.talks: dict[str, Talk] = {}
        self.contacts: dict[int, dict[str, Json]] = {}
        self.rooms: list[Inbox] = []
        self._clock = clock
        self._last_id = 9100

    # What a test does.

    def open(self, conversation: str, channel: str = "Channel::WebWidget", contact_id: int = 501) -> Talk:
        """A new conversation, of a contact that is made if need be."""
        self.contacts.setdefault(contact_id, {"id": contact_id, "name": "Asha"})
        self.talks[conversation] = Talk(int(conversation), channel, contact_id)
        return self.talks[conversation]

    def hear(self, conversation: str, text: str) -> int:
        """The contact writes; the id of the message."""
        return self._store(self._talk(conversation), {"content": text, "message_type": INCOMING})

    def said(self, conversation: str) -> list[str]:
        """The texts of the public messages sent in a conversation."""
        rows = self._talk(conversation).messages
        return [str(r["content"]) for r in rows if r["message_type"] == OUTGOING and not r["private"]]

    # What the client does.

    async def send_message(
        self,
        conversation: str,
        text: str,
        *,
        choices: Sequence[Choice] = (),
        cards: Sequence[Card] = (),
        attachments: Sequence[Attachment] = (),
        source_id: str | None = None,
        channel: str | None = None,
        private: bool = False,
    ) -> Sent:
        failure = self.failure("send_message")
        talk = self._talk(conversation)
        if channel not in (None, talk.channel):
            raise ValueError(f"conversation {conversation} is not on {channel}")
        body = compose(text, choices, channel, cards, with_files=bool(attachments)) | {
            "message_type": OUTGOING,
            "private": private,
        }
        if len(str(body["content"])) > MOST_TEXT or len(attachments) > MOST_FILES:
            raise Failed("UNPROCESSABLE", "the message is too large", provider=PROVIDER)
        body["source_id"] = source_id if keeps_source_id(channel) else None
        number = self._store(talk, body)
        strike(failure)
        return Sent.model_validate({"id": number, "created_at": talk.messages[-1]["created_at"]})

    async def private_note(self, conversation: str, text: str) -> Sent:
        return await self.send_message(conversation, text, private=True)

    async def find_message(
        self,
        conversation: str,
        *,
        source_id: str | None,
        content: str,
        after_id: int | None,
        choices: Sequence[Choice] = (),
        cards: Sequence[Card] = (),
        channel: str | None = None,
        with_files: bool = False,
        private: bool = False,
        taken: Collection[int] = (),
    ) -> Sent | None:
        self.fail_now("find_message")
        wanted = source_id if keeps_source_id(channel) else None
        text = str(compose(content, choices, channel, cards, with_files=with_files)["content"])
        rows = self._above(conversation, after_id or 0)
        return pick(rows, source_id=wanted, text=text, private=private, taken=taken)

    async def last_message_id(self, conversation: str) -> int | None:
        self.fail_now("last_message_id")
        return max((row["id"] for row in self._talk(conversation).messages), default=None)

    async def messages_after(self, conversation: str, after_id: int) -> list[dict[str, Any]]:
        self.fail_now("messages_after")
        return self._above(conversation, after_id)

    async def toggle_status(
        self, conversation: str, status: Status, *, snoozed_until: str | None = None
    ) -> None:
        self.fail_now("toggle_status")
        if snoozed_until is not None and status != "snoozed":
            raise ValueError("only a snoozed conversation has an end of it")
        self._talk(conversation).status = status

    async def assign(self, conversation: str, *, agent: int | None = None, team: int | None = None) -> None:
        self.fail_now("assign")
        talk = self._talk(conversation)
        talk.agent, talk.team = agent or talk.agent, team or talk.team

    async def add_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        self.fail_now("add_labels")
        talk = self._talk(conversation)
        talk.labels = list(dict.fromkeys([*talk.labels, *labels]))
        return list(talk.labels)

    async def remove_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        self.fail_now("remove_labels")
        talk = self._talk(conversation)
        talk.labels = [label for label in talk.labels if label not in labels]
        return list(talk.labels)

    async def update_contact(
        self,
        contact_id: int,
        attributes: Mapping[str, Json],
        custom_attributes: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        self.fail_now("update_contact")
        if contact_id not in self.contacts:
            raise _missing()
        stored = self.contacts[contact_id]
        for name, value in people.patch(attributes, custom_attributes or {}).items():
            stored[name] = {**stored.get(name, {}), **value} if isinstance(value, dict) else value
        return trimmings.contact(stored)

    async def state(self, conversation: str) -> State:
        self.fail_now("state")
        talk = self._talk(conversation)
        meta = {"assignee": {"id": talk.agent, "type": "user"}} if talk.agent else {}
        return State(id=talk.number, status=talk.status, meta=meta)

    async def inboxes(self) -> list[Inbox]:
        self.fail_now("inboxes")
        return [inbox.model_copy() for inbox in self.rooms]

    async def check(self) -> None:
        self.fail_now("check")

    async def aclose(self) -> None:
        """Nothing to close."""

    def _talk(self, conversation: str) -> Talk:
        if conversation not in self.talks:
            raise _missing()
        return self.talks[conversation]

    def _above(self, conversation: str, after_id: int) -> list[dict[str, Any]]:
        return [row for row in self._talk(conversation).messages if row["id"] > after_id]

    def _store(self, talk: Talk, body: Mapping[str, Json]) -> int:
        self._last_id += 1
        talk.messages.append(
            {"private": False, **body, "id": self._last_id, "created_at": int(self._clock())}
        )
        return self._last_id


def _missing() -> Failed:
    return Failed("NOT_FOUND", "answered with status 404", provider=PROVIDER)
