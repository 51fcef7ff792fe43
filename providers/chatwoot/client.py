"""Chatwoot's REST API: what a flow does in a conversation."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import orjson
from pydantic import SecretStr

from dsl.model import Json
from providers.chatwoot import people, trimmings
from providers.chatwoot.config import ChatwootConfig
from providers.chatwoot.content import Card, Choice, compose, keeps_source_id
from providers.chatwoot.find import pick
from providers.chatwoot.models import (
    Attachment,
    ContactAnswer,
    Inbox,
    InboxList,
    LabelList,
    MessagePage,
    Sent,
    State,
)
from providers.chatwoot.port import Status
from providers.errors import Failed, Refused, Unknown
from providers.http.pooled import Pooled
from providers.http.request import Headers, Upload
from providers.reading import asked, parsed
from providers.reply import Reply

PROVIDER = "chatwoot"
PAGE = 100
PAGES = 10
NEWEST = 20
"""Messages on the page that is asked for by no id."""
FLOOD = "Too many messages"
FLOOD_PAUSE = 20.0
"""Seconds; the limit counts the messages of the last minute."""


class Chatwoot:
    """One account over HTTP. Replies, status and assignments use the bot's token, the rest the user's."""

    def __init__(self, config: ChatwootConfig, *, seconds: float = 4.0) -> None:
        base = f"{config.url.rstrip('/')}/api/v1/accounts/{config.account_id}"
        self._http = Pooled(base, provider=PROVIDER, seconds=seconds)
        self._user = _token(config.api_key)
        self._bot = _token(config.bot_token or config.api_key)
        self._label_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
        body = compose(text, choices, channel, cards, with_files=bool(attachments)) | {
            "message_type": "outgoing",
            "private": private,
        }
        if source_id is not None and keeps_source_id(channel):
            body["source_id"] = source_id
        return await self._create(_path(conversation, "/messages"), body, attachments)

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
        wanted = source_id if keeps_source_id(channel) else None
        text = str(compose(content, choices, channel, cards, with_files=with_files)["content"])
        newest = await self._page(conversation, {}) if after_id is None else []
        found = pick(newest, source_id=wanted, text=text, private=private, taken=taken)
        if found is not None or (after_id is None and len(newest) < NEWEST):
            return found
        # Whoever waits for an answer writes more than the newest page holds.
        rows = await self.messages_after(conversation, after_id or 0)
        found = pick(rows, source_id=wanted, text=text, private=private, taken=taken)
        if found is None and len(rows) >= PAGES * PAGE:
            raise Unknown("TOO_LONG_AGO", "more was written since than is looked through", provider=PROVIDER)
        return found

    async def last_message_id(self, conversation: str) -> int | None:
        return _newest(await self._page(conversation, {}))

    async def messages_after(self, conversation: str, after_id: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in range(PAGES):
            page = await self._page(conversation, {"after": after_id})
            found += page
            newest = _newest(page)
            if len(page) < PAGE or newest is None:
                break
            after_id = newest
        return found

    async def toggle_status(
        self, conversation: str, status: Status, *, snoozed_until: str | None = None
    ) -> None:
        body = {"status": status} | ({"snoozed_until": snoozed_until} if snoozed_until else {})
        await self._set(_path(conversation, "/toggle_status"), body, self._bot)

    async def assign(self, conversation: str, *, agent: int | None = None, team: int | None = None) -> None:
        # Two calls: where an assignee is named, Chatwoot ignores the team.
        for body in ({"team_id": team}, {"assignee_id": agent}):
            if None not in body.values():
                await self._set(_path(conversation, "/assignments"), body, self._bot)

    async def add_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        return await self._relabel(conversation, lambda now: list(dict.fromkeys([*now, *labels])))

    async def remove_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        return await self._relabel(conversation, lambda now: [label for label in now if label not in labels])

    async def update_contact(
        self,
        contact_id: int,
        attributes: Mapping[str, Json],
        custom_attributes: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        body = people.patch(attributes, custom_attributes or {})
        reply = await self._http.request(
            "PATCH", f"/contacts/{int(contact_id)}", headers=self._user, json=body, repeatable=True
        )
        answer = parsed(ContactAnswer, reply)
        return trimmings.contact(answer.payload) if answer else {}

    async def state(self, conversation: str) -> State:
        return asked(State, await self._get(_path(conversation)), PROVIDER)

    async def inboxes(self) -> list[Inbox]:
        return asked(InboxList, await self._get("/inboxes"), PROVIDER).payload

    async def check(self) -> None:
        await self._get("/inboxes")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _create(self, path: str, body: dict[str, Json], attachments: Sequence[Attachment]) -> Sent:
        try:
            if attachments:
                form, files = _form(body, attachments)
                reply = await self._http.request("POST", path, headers=self._bot, data=form, files=files)
            else:
                reply = await self._http.request("POST", path, headers=self._bot, json=body)
        except Failed as refusal:
            raise _flood(refusal) or refusal from None
        return parsed(Sent, reply) or Sent()

    async def _relabel(self, conversation: str, change: Callable[[list[str]], list[str]]) -> list[str]:
        # The whole list is replaced by each change, so changes of one conversation must not cross.
        path = _path(conversation, "/labels")
        async with self._label_locks.setdefault(conversation, asyncio.Lock()):
            now = asked(LabelList, await self._get(path), PROVIDER).payload
            wanted = change(now)
            if wanted != now:
                await self._set(path, {"labels": wanted}, self._user)
            return wanted

    async def _page(self, conversation: str, params: dict[str, int]) -> list[dict[str, Any]]:
        return asked(MessagePage, await self._get(_path(conversation, "/messages"), params), PROVIDER).payload

    async def _get(self, path: str, params: dict[str, int] | None = None) -> Reply:
        return await self._http.request("GET", path, headers=self._user, params=params)

    async def _set(self, path: str, body: Mapping[str, Json], token: Headers) -> None:
        await self._http.request("POST", path, headers=token, json=dict(body), repeatable=True)


def _token(secret: SecretStr) -> dict[str, SecretStr]:
    # The dashed form: proxies drop headers with underscores.
    return {"api-access-token": secret}


def _path(conversation: str, rest: str = "") -> str:
    if not (conversation.isascii() and conversation.isdigit() and len(conversation) <= 19):
        raise Failed("INVALID_REQUEST", "the conversation is not a Chatwoot display id", provider=PROVIDER)
    return f"/conversations/{conversation}{rest}"


def _newest(rows: Sequence[Mapping[str, Any]]) -> int | None:
    return max((row["id"] for row in rows if isinstance(row.get("id"), int)), default=None)


def _flood(refusal: Failed) -> Refused | None:
    """Creating a message answers 422 for every trouble; only its text tells them apart."""
    if refusal.status != 422 or refusal.reply is None or FLOOD not in refusal.reply.text:
        return None
    text = "too many messages in this conversation"
    return Refused("RATE_LIMITED", text, provider=PROVIDER, retry_after=FLOOD_PAUSE, reply=refusal.reply)


def _form(body: Mapping[str, Json], attachments: Sequence[Attachment]) -> tuple[dict[str, str], list[Upload]]:
    """The same message as multipart; structured fields travel as JSON text."""
    form = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in body.items()
    }
    return form, [("attachments[]", (file.name, file.content, file.media_type)) for file in attachments]
