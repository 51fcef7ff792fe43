"""What comes in: events of providers in our words, and their places in a lane. Additive only."""

from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field

from dsl.model import Json, Message
from dsl.turns import Turn
from dsl.values import size_of


class Inbound(Message):
    """One event of a provider in our words, as `read()` of the provider makes it.

    `key` is the dedupe key, `address` the conversation on its connection (a lane). `kind`: `message` (a
    person wrote or pressed keys), `submitted` (picked or filled in), `opened` (a conversation, widget, USSD
    session or call was opened), `status` (the conversation's status or assignee changed; `value` = {status,
    assignee}), `hung_up` (a session or call is over; `value` = {status, cause, seconds}), `report` (what
    became of an effect; `value` = {node, visit, number, status, …}).
    """

    key: str
    address: str
    event: str
    channel: str = "chatwoot"
    """Where it came from, as in triggers: `chatwoot`, `sms`, `ussd`, `voice`."""
    turn: Turn | None = None
    """Set where its sender waits for a screen."""
    kind: Literal["message", "submitted", "opened", "status", "hung_up", "report"]
    text: str | None = None
    value: Json = None
    attachments: list[Json] = Field(default_factory=list)
    message_id: int | None = None
    inbox_id: int | None = None
    contact: dict[str, Any] = Field(default_factory=dict)
    conversation: dict[str, Any] = Field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """The message as `{{trigger.message}}` shows it: {"message": {id, text, attachments}}; else {}."""
        if self.kind != "message":
            return {}
        return {"message": {"id": self.message_id, "text": self.text or "", "attachments": self.attachments}}


class Input(Message):
    """An accepted inbound event: `seq` is its place in the lane, `accepted_at` PostgreSQL's clock."""

    v: int = 1
    id: str
    seq: int
    accepted_at: datetime
    event: Inbound | None = None
    """None when it could not be read."""

    @property
    def tells_owner(self) -> bool:
        """Whether it tells who has the word."""
        return self.event is not None and self.event.kind == "status"

    @property
    def is_aside(self) -> bool:
        """Whether it is no word for the next question: heard at once, also where nobody is asked."""
        beside = self.event is not None and self.event.kind in ("report", "hung_up")
        return self.tells_owner or beside or self.interrupts

    @property
    def interrupts(self) -> bool:
        """Whether somebody waits on the line who was not called: that one is waited for."""
        event = self.event
        return event is not None and event.turn is not None and event.event != "call_answered"

    def in_session(self, turn: Turn | None) -> bool:
        """Whether its sender waits on the line in the session of that turn."""
        return turn is not None and self.event is not None and self.event.turn == turn

    @cached_property
    def size(self) -> int:
        """Bytes of what was written, picked and attached."""
        event = self.event
        return size_of([event.text, event.value, event.attachments]) if event is not None else 0

    @classmethod
    def tolerant(cls, value: Any) -> Self | None:
        """As much as can be read of what a newer release sent; None without its place in the lane."""
        if not isinstance(value, dict):
            return None
        place = {key: value.get(key) for key in ("id", "seq", "acceptedAt")}
        for readable in (value, place):
            with suppress(ValueError):
                return cls.model_validate(readable)
        return None
