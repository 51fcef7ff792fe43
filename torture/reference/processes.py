"""Branches as processes, the forks that they come from, and what they wait for."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from torture.reference.case import Done, Json

JOINED, FAILED, ABANDONED = "joined", "failed", "abandoned"


class Over(Exception):
    """The whole walk has ended meanwhile."""


class Way(NamedTuple):
    """How a branch or a frame was left: `joined`, `failed`, `led` elsewhere, or at an `end`."""

    how: str
    to: str = ""
    cause: str | None = None
    outcome: str = "completed"
    results: dict[str, Json] | None = None


class Rest(Protocol):
    """What a process waits for; `persons`: whether a person ends it."""

    persons: bool

    def hear(self) -> str | None:
        """Take what has come; how the rest ends by it."""

    def due(self) -> float:
        """When it is to be woken, whatever comes."""

    def wake(self, due: float) -> str | None:
        """That time has come; how the rest ends by it."""


@dataclass
class Fork:
    """Branches that have not met."""

    exits: list[str]
    need: int
    enough: int
    tolerant: bool
    owner: "Process"
    ended: dict[str, str] = field(default_factory=dict)
    cause: str | None = None

    def met(self, exit: str, way: Way) -> str | None:
        """A branch has come to its end: the exit by which the fork is left now, if it is."""
        self.ended[exit] = way.how
        self.cause = self.cause or way.cause
        came = sum(how == JOINED for how in self.ended.values())
        all_ended = len(self.ended) == len(self.exits)
        if came >= self.need or (all_ended and came >= self.enough):
            return JOINED
        lost = all_ended or (way.how == FAILED and not self.tolerant)
        return "error" if lost else None


@dataclass(eq=False)
class Process:
    """The flow itself, or a branch; `where` it is, for the record."""

    where: str
    fork: Fork | None = None
    exit: str = ""
    walk: Coroutine[None, Json, Way] | None = None
    given_up: bool = False

    def within(self, fork: Fork) -> bool:
        """Whether it is a branch of the fork, or of one that such a branch began."""
        return self.fork is fork or (self.fork is not None and self.fork.owner.within(fork))

    def close(self) -> None:
        """It goes on no more."""
        if self.walk is not None:
            self.walk.close()


class Flight(NamedTuple):
    """An effect under way beside others."""

    at: float
    process: Process
    done: Done
