"""Say something on the run's conversation: the activity `send_message`, drawn by nobody."""

from pathlib import PurePosixPath
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from activities.base import Action, Lost, Origin, Recovery, Tools
from activities.telecom import PROVIDER
from activities.texting import text_to
from dsl.channels import CHATWOOT
from dsl.filters import text_of
from dsl.messages import SEND_MESSAGE, Outcome, Scene
from dsl.model import Json, Message
from providers.chatwoot.content import Card, spelled_out
from providers.chatwoot.models import Attachment, Sent
from providers.errors import Failed

FETCHING = 5.0
"""Seconds for one file."""

Shown = Annotated[str, BeforeValidator(text_of)]
"""Text as people read it, whatever its template rendered to."""


class SaidChoice(Message):
    """A choice as it is shown."""

    title: str
    value: Json


class File(Message):
    """A file to send along, where it is fetched from and what it is called."""

    url: str
    name: str | None = None


class Link(Message):
    """Something to open under a card."""

    text: Shown
    url: Shown


class SaidCard(Message):
    """A card as it is shown."""

    title: Shown
    description: Shown = ""
    image: Shown | None = None
    actions: list[Link] = Field(default_factory=list)

    def shown(self) -> Card:
        """As the provider is given it."""
        links = tuple((link.text, link.url) for link in self.actions)
        return Card(self.title, self.description, self.image, links)


class SendMessage(Action):
    """One message, with what may be picked or opened under it; `private` is a note for people.

    A chat can be asked for it, whatever became of the answer; a text to a phone is never sent again.
    """

    recovery: ClassVar[Recovery] = "list"

    text: str = ""
    choices: list[SaidChoice] = Field(default_factory=list)
    attachments: list[File] = Field(default_factory=list)
    cards: list[SaidCard] = Field(default_factory=list)
    private: bool = False
    action: dict[str, Json] | None = None
    """What a call was to do; where there is none, its words are written."""

    @classmethod
    def kind(cls) -> str:
        """The name in histories."""
        return SEND_MESSAGE

    @classmethod
    def recovery_on(cls, scene: Scene) -> Recovery:
        """Only a chat lists what was said in it."""
        return cls.recovery if _is_chat(scene) else "none"

    def origin(self, tools: Tools) -> Origin:
        """The chat's, or the application's at Africa's Talking."""
        if _is_chat(tools.scene):
            return super().origin(tools)
        return Origin(PROVIDER, tools.telecom.connection if tools.telecom else None)

    async def execute(self, tools: Tools) -> Outcome:
        """Say it by the channel that the run is on."""
        if self.action is not None and not self.text.strip():
            raise Failed("NO_CALL", "No call goes on that could be told this.", provider=PROVIDER)
        if _is_chat(tools.scene):
            return await self._chat(tools)
        if tools.scene.channel != "sms":
            raise Failed("SCREEN_CLOSED", "Nobody waits on the line to be told this.", provider=PROVIDER)
        if tools.scene.phone is None:
            raise Failed("NO_CONVERSATION", "The execution knows no phone to write to.", provider=PROVIDER)
        return Outcome(value=await text_to(tools, tools.scene.phone, self.as_text()))

    def as_text(self) -> str:
        """All of it where there is nothing but text: choices by number, files and cards as links."""
        text = spelled_out(self.text, self._choices(), self._cards())
        return "\n".join([*filter(None, [text]), *(file.url for file in self.attachments)])

    async def _chat(self, tools: Tools) -> Outcome:
        """Send it; the effect's key goes along where the provider keeps it."""
        sent = await tools.chatwoot().send_message(
            tools.conversation(),
            self.text,
            choices=self._choices(),
            cards=self._cards(),
            attachments=[await _fetched(tools, file) for file in self.attachments],
            source_id=tools.key,
            channel=tools.scene.surface,
            private=self.private,
        )
        return _outcome(sent)

    def _choices(self) -> list[tuple[str, str]]:
        return [(choice.title, str(choice.value)) for choice in self.choices]

    def _cards(self) -> list[Card]:
        return [card.shown() for card in self.cards]

    async def recover(self, tools: Tools, lost: Lost) -> Outcome | None:
        """Look for it among the conversation's messages that are no other effect's."""
        sent = await tools.chatwoot().find_message(
            tools.conversation(),
            source_id=tools.key,
            content=self.text,
            after_id=lost.after_id,
            taken=lost.taken,
            choices=self._choices(),
            cards=self._cards(),
            channel=tools.scene.surface,
            with_files=bool(self.attachments),
            private=self.private,
        )
        return _outcome(sent) if sent is not None else None


def _is_chat(scene: Scene) -> bool:
    return scene.channel in (None, CHATWOOT)


async def _fetched(tools: Tools, file: File) -> Attachment:
    """The file, by the guarded door: its address is an author's."""
    reply = await tools.http.request("GET", file.url, timeout=FETCHING, redirects=1)
    media_type = reply.headers.get("content-type", "application/octet-stream").partition(";")[0]
    name = file.name or PurePosixPath(urlsplit(file.url).path).name or "file"
    return Attachment(name, media_type, reply.content)


def _outcome(sent: Sent) -> Outcome:
    return Outcome(value={"id": sent.id})
