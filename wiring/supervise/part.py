"""What a part of the running product is: a process, how to tell that it is ready, how to end it."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class PartError(Exception):
    """A part could not be started or did not stay; the message says which, why and where its log is."""


@dataclass(frozen=True)
class Account:
    """A system user by number."""

    uid: int
    gid: int


async def nothing() -> None:
    """The `before` of a part which needs no preparation."""


async def never() -> bool:
    """The `sick` of a part which serves for as long as it runs."""
    return False


@dataclass(frozen=True, kw_only=True)
class Part:
    """One child process.

    `env` is its whole environment; `before` runs ahead of every start; `ready` is asked until it is true,
    for at most `ready_within` seconds; while `sick` it runs but cannot serve any more, and is killed;
    `facts` (url, port, uiUrl) are published in `dev.json`.
    """

    name: str
    argv: tuple[str, ...] = field(repr=False)
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(repr=False)
    before: Callable[[], Awaitable[None]] = nothing
    sick: Callable[[], Awaitable[bool]] = never
    facts: Mapping[str, str | int] = field(default_factory=dict)
    account: Account | None = None
    cwd: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 15.0
    ready_within: float = 60.0
