"""message: says something and goes on."""

from collections.abc import Iterable

from pydantic import Field, model_validator

from compiler.moving import Moving
from dsl.kind import Place
from dsl.model import Authored
from dsl.plan import SPEAKING, Choice, Options, Say, Step
from dsl.templates import Text

WITH_FILES = 10.0
"""Seconds: files are fetched first."""


class Button(Authored):
    """Something to click; what is clicked arrives as an answer."""

    title: Text = Field(min_length=1)
    """What people see."""
    value: Text | None = None
    """What a click means; the title where absent."""


class Attachment(Authored):
    """A file to send along."""

    url: Text = Field(min_length=1)
    """Where it is fetched from."""
    name: Text | None = None
    """What it is called."""


class CardAction(Authored):
    """Something to click under a card."""

    text: Text = Field(min_length=1)
    """What people see."""
    url: Text = Field(min_length=1)
    """The page it opens."""


class Card(Authored):
    """A picture with a title, a description and links."""

    title: Text = Field(min_length=1)
    description: Text = ""
    image: Text | None = Field(default=None, min_length=1)
    """The picture's address."""
    actions: tuple[CardAction, ...] = Field(min_length=1, max_length=10)
    """What can be opened."""


class Message(Moving):
    """Says a text, with buttons, attachments or cards where wanted, and goes on.

    Website and API inboxes show buttons and cards as such, WhatsApp and Telegram buttons as far as their own
    limits allow; everywhere else they are text, buttons a numbered list.
    """

    text: Text = ""
    """What is said; may be absent where there are attachments or cards."""
    buttons: tuple[Button, ...] = Field(default=(), max_length=20)
    """Things to click; the walk does not wait for a click."""
    attachments: tuple[Attachment, ...] = Field(default=(), max_length=10)
    """Files to send along."""
    cards: tuple[Card, ...] = Field(default=(), max_length=10)
    """Instead of buttons and attachments."""

    @model_validator(mode="after")
    def _says_something(self) -> "Message":
        if not (self.text or self.attachments or self.cards):
            raise ValueError("a message has a text, attachments or cards")
        if self.cards and (self.buttons or self.attachments):
            raise ValueError("a message with cards has neither buttons nor attachments")
        return self

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`, elsewhere if wanted."""
        yield from self.going_on(place, [self._say(place)])

    def _say(self, place: Place) -> Say:
        return Say(
            id=place.id(),
            node=place.node,
            text=self.text,
            choices=tuple(Choice(title=b.title, value=b.value or b.title) for b in self.buttons),
            attachments=tuple(a.model_dump(by_alias=True, exclude_none=True) for a in self.attachments),
            cards=tuple(c.model_dump(mode="json", by_alias=True, exclude_none=True) for c in self.cards),
            to="!next",
            options=Options(timeout=WITH_FILES if self.attachments else SPEAKING),
        )
