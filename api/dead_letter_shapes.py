"""What the routes of dead letters give."""

from datetime import datetime
from typing import Self

from pydantic import Field

from dsl.model import Json, Message
from store.dead_letters import DeadLetter


class DeadLetterView(Message):
    """An event that led to nothing. `event` is shown where it was asked for."""

    id: str
    reason: str | None = Field(examples=["undelivered", "unreadable", "INBOX_OVERFLOW"])
    connection: str
    conversation_id: str
    seq: int
    """Its place in the conversation."""
    accepted_at: datetime
    died_at: datetime | None
    sends: int
    """How often it was handed to a run."""
    redriven_as: str | None
    """The input that was put in its place."""
    event: Json

    @classmethod
    def of(cls, row: DeadLetter) -> Self:
        """A row of the inbox as it is shown."""
        shown = row._asdict()
        return cls(**shown, conversation_id=shown.pop("address"))


class DeadLetterPage(Message):
    """A page of dead letters, newest first; `nextCursor` asks for the next."""

    items: list[DeadLetterView]
    next_cursor: str | None


class LetterRedriven(Message):
    """The new input in the dead letter's place."""

    dead_letter_id: str
    input_id: str
    seq: int
