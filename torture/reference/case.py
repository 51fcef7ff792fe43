"""One example of the model test: a flow, what happens to it, and the account of what came of it.

Times are seconds since the start of the execution.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any, Literal, NamedTuple
from zlib import crc32

Json = Any
Kind = Literal["message", "submitted", "opened", "status", "unreadable"]
State = Literal["done", "failed", "unknown"]

FIRST_ID = 101
"""The provider's id of the first message it sends."""
REFUSAL = "HTTP_422"
"""Code of a failure of which nothing else is said."""


@dataclass(frozen=True)
class Event:
    """An accepted event: `delivered` may be long after `accepted`; `again`: it comes once more, later."""

    seq: int
    accepted: float
    delivered: float
    kind: Kind = "message"
    text: str = ""
    value: Json = None
    message_id: int = 10_000
    contact: dict[str, Json] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True)
class Fate:
    """What comes of an effect, after how long.

    `exit` and `value` are those of an api call, `code` is a failure's.
    """

    state: State = "done"
    exit: Literal["success", "failure"] = "success"
    value: Json = None
    seconds: float = 0
    code: str = REFUSAL


class Seen(NamedTuple):
    """When an effect really ended, and the id that the provider gave it, if any."""

    at: float
    id: int | None = None


@dataclass(frozen=True)
class Case:
    """A flow and its fortunes. With `triggered` the first event started the run; `seen` knows a real run."""

    flow: dict[str, Json]
    below: tuple[dict[str, Json], ...] = ()
    """The flows that it walks as subflows, those that refer to others behind these."""
    events: tuple[Event, ...] = ()
    fates: dict[str, tuple[Fate, ...]] = field(default_factory=dict)
    variables: dict[str, Json] = field(default_factory=dict)
    contact: dict[str, Json] = field(default_factory=dict)
    trigger: dict[str, Json] = field(default_factory=dict)
    triggered: bool = False
    execution: str = "x"
    """Its id."""
    stop_at: float = inf
    page: int = 50
    """Events that the lane gives at a time, when it is asked."""
    owner: str = "bot"
    """Whose lane it is when the run begins."""
    seen: dict[tuple[str, int, int], "Seen"] = field(default_factory=dict)

    def fate(self, node: str, visit: int, number: int) -> Fate:
        """What comes of an effect of a node, whoever performs it, in whatever frame and mode."""
        drawn = self.fates.get(node.rpartition("/")[2]) or (Fate(),)
        return drawn[(visit + number) % len(drawn)]

    def seconds(self, node: str, visit: int, number: int) -> float:
        """How long an effect takes; where branches are walked no two end at one moment, and none at once."""
        odd = 1 + crc32(f"{node}:{visit}:{number}".encode()) % 999_983 if self.forks else 0
        return self.fate(node, visit, number).seconds + odd / 1_000_000

    @cached_property
    def forks(self) -> bool:
        """Whether there are branches anywhere."""
        return any(node["type"] == "parallel" for flow in (self.flow, *self.below) for node in flow["nodes"])

    @property
    def ahead(self) -> tuple[Event, ...]:
        """The events that come to the run once it is there."""
        return self.events[1:] if self.triggered else self.events


class Done(NamedTuple):
    """An effect on the world; `content`: the text said, or what the call was asked."""

    node: str
    visit: int
    number: int
    activity: str
    content: Json
    state: State


class Line(NamedTuple):
    """A line of the record."""

    node: str
    phase: str
    exit: str | None


@dataclass
class Account:
    """What a walk came to, in the words both sides share. `cause`: code of the error it failed by."""

    status: str = "running"
    reason: str | None = None
    cause: str | None = None
    variables: dict[str, Json] = field(default_factory=dict)
    results: dict[str, Json] = field(default_factory=dict)
    contact: dict[str, Json] = field(default_factory=dict)
    owner: str = "bot"
    path: list[Line] = field(default_factory=list)
    effects: list[Done] = field(default_factory=list)
    inputs: list[tuple[int, str]] = field(default_factory=list)
    """(seq, how) in the order they were consumed."""

    def differs(self, other: "Account") -> list[str]:
        """What the two say differently, field by field."""
        mine, theirs = vars(self), vars(other)
        return [f"{name}:\n  {mine[name]}\n  {theirs[name]}" for name in mine if mine[name] != theirs[name]]


def cause_of(error: dict[str, Json] | None) -> str | None:
    """The code before the colon of what an unhandled error says."""
    if error is None:
        return None
    assert error["code"] == "UNHANDLED_ERROR"
    code, colon, _ = str(error["message"]).partition(":")
    return code if colon else None
