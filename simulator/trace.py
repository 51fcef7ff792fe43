"""What a simulation tells: every step with what it read and decided, inputs, rests, and the end."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dsl.messages import ErrorInfo, Status
from dsl.model import Json, Message


class Read(Message):
    """A text with placeholders, by its place in the step, and what it came to."""

    pointer: str
    template: str
    value: Json


class Tested(Message):
    """A condition: an operator with both sides, or `all`, `any`, `not` with its parts; and the verdict.

    Parts that were not needed for the verdict are not there.
    """

    operator: str
    left: Json = None
    right: Json = None
    holds: bool
    parts: list["Tested"] = Field(default_factory=list)


class Answered(Message):
    """What an effect, or a call that touches nothing, came to; `mocked` as the test ordered it."""

    activity: str
    args: Json
    exit: str
    value: Json = None
    error: ErrorInfo | None = None
    mocked: bool = False


class Stepped(Message):
    """One step that was walked; `exit` where it left its node, `to` the step that is next."""

    type: Literal["step"] = "step"
    at: datetime
    branch: int
    node: str
    kind: str
    visit: int
    step: str
    op: str
    reads: list[Read] = Field(default_factory=list)
    tests: list[Tested] = Field(default_factory=list)
    answered: list[Answered] = Field(default_factory=list)
    exit: str | None = None
    error: ErrorInfo | None = None
    to: str | None = None


class Heard(Message):
    """An input, and what became of it: `answer`, `interrupt`, `to_human`, `unread_at_end`, …"""

    type: Literal["input"] = "input"
    at: datetime
    seq: int
    text: str | None
    value: Json
    how: str


class Awaiting(Message):
    """A branch at rest: where, for what, until when, and the words that would lead elsewhere."""

    branch: int
    node: str
    kind: Status
    expects: str | None
    since: datetime
    deadline: datetime | None
    choices: list[Json] = Field(default_factory=list)
    interrupts: list[str] = Field(default_factory=list)


class Timer(Message):
    """What happens next if nobody does anything."""

    at: datetime
    what: Literal["reminder", "timeout", "delay", "quiet"]


class Rested(Message):
    """Nothing happens until somebody does something or time passes: why, and the variables by then."""

    type: Literal["rest"] = "rest"
    at: datetime
    waiting: list[Awaiting]
    timer: Timer | None
    variables: dict[str, Json]


class Ended(Message):
    """How it ended."""

    type: Literal["end"] = "end"
    at: datetime
    status: Status
    reason: str | None
    error: ErrorInfo | None
    results: dict[str, Json] | None
    variables: dict[str, Json]


class Stopped(Message):
    """The simulation crossed a bound of its own, or this machine cannot run something of the flow."""

    type: Literal["stop"] = "stop"
    at: datetime
    code: str
    message: str


Entry = Annotated[Stepped | Heard | Rested | Ended | Stopped, Field(discriminator="type")]


class Utterance(Message):
    """One thing that was said, picked or shown, as people read it."""

    at: datetime
    who: Literal["bot", "contact", "note"]
    text: str
    choices: list[Json] = Field(default_factory=list)
    open: bool | None = None
    """Of a screen, or of what a call says: whether an answer is awaited, or it ends there."""
