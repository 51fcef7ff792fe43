"""How a conversation test is played against a running Tembea: in real time, and nothing is mocked there."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from dsl.model import Json
from dsl.templates import resolve
from simulator.lines import (
    Advance,
    Channel,
    Click,
    Desk,
    Dial,
    Expect,
    ExpectExit,
    ExpectVariables,
    HangUp,
    Line,
    Mock,
    Press,
    Report,
    Say,
)
from simulator.playing import same
from simulator.talks import TalkError

PATIENCE = 20.0
"""Seconds until an expected message counts as missing."""
POLL = 0.03

T = TypeVar("T")


class Contact(Protocol):
    """The person's end of a conversation."""

    async def say(self, text: str) -> None:
        """Write; the first time opens the conversation."""

    async def click(self, choice: str) -> None:
        """Pick a choice of the newest message that offers it; LookupError while there is none."""

    async def heard(self) -> list[str]:
        """What the bot has said so far, oldest first."""


@runtime_checkable
class OnPhone(Contact, Protocol):
    """The same with a phone: sessions and calls, and what becomes of payments and the like."""

    async def dial(self, dialled: str) -> None:
        """A new session or call."""

    async def hang_up(self) -> None:
        """Leave it."""

    async def report(self, status: str) -> None:
        """What the person or the network does to something; LookupError while there is nothing."""


class Record(Protocol):
    """What is recorded of the conversation's execution; LookupError while nothing is."""

    async def variables(self) -> dict[str, Json]:
        """The flow's variables."""

    async def exits(self) -> dict[str, str]:
        """By node, the exit by which it was left last."""

    async def reason(self) -> str:
        """How it has ended; LookupError before."""


async def play(
    lines: list[Line],
    contact: Contact,
    tell: Callable[[str, str], None],
    *,
    record: Record | None = None,
    patience: float = PATIENCE,
) -> None:
    """Play a conversation; `tell(who, text)` follows it. TalkError where it goes another way.

    A `mock` says nothing here: the real world answers; nor does a `channel`: the contact is on one.
    """
    heard = 0
    for line in lines:
        match line:
            case Say() | Press():
                said = line.say if isinstance(line, Say) else line.press
                tell("contact", said)
                await contact.say(said)
            case Click():
                tell("contact", f"[{line.click}]")
                offered = partial(contact.click, line.click)
                await _soon(offered, patience, f"a choice {line.click!r}")
            case Expect():
                await _expect(line.expect, contact, heard, tell, patience)
                heard += 1
            case Advance():
                await _advance(line.advance, patience)
            case ExpectVariables() | ExpectExit():
                await _soon(partial(_recorded, line, record), patience, str(line))
            case Dial() | HangUp() | Report():
                await _on_the_phone(line, contact, tell, patience)
            case Desk():
                raise TalkError("nobody is at the desk here: that takes `tembea test-flow`")
            case Mock() | Channel():
                pass


async def _on_the_phone(
    line: Dial | HangUp | Report, contact: Contact, tell: Callable[[str, str], None], patience: float
) -> None:
    if not isinstance(contact, OnPhone):
        raise TalkError(f"that takes a phone, and this is a chat: {line}")
    match line:
        case Dial():
            tell("contact", f"(dials {line.dial})")
            await contact.dial(line.dial)
        case HangUp():
            tell("contact", "(hangs up)")
            await contact.hang_up()
        case Report():
            tell("contact", f"({line.report.node}: {line.report.status})")
            happens = partial(contact.report, line.report.status)
            await _soon(happens, patience, f"something that {line.report.node!r} waits for")


async def _expect(
    text: str, contact: Contact, heard: int, tell: Callable[[str, str], None], patience: float
) -> None:
    said = await _soon(partial(_message, contact, heard), patience, repr(text))
    tell("bot", said)
    if said != text:
        raise TalkError(f"expected {text!r}, the bot said {said!r}")


async def _advance(seconds: int, patience: float) -> None:
    if seconds > patience:
        raise TalkError(f"{seconds} s are to pass: that takes `tembea test-flow`, whose clock is its own")
    await asyncio.sleep(seconds)


async def _recorded(line: ExpectVariables | ExpectExit, record: Record | None) -> None:
    """LookupError until the record says so."""
    if record is None:
        raise TalkError(f"nothing is recorded here that could be compared with {line}")
    if isinstance(line, ExpectVariables):
        variables = await record.variables()
        wanted = line.expect_variables.items()
        met = all(same(resolve(tuple(path.split(".")), variables), value) for path, value in wanted)
    elif isinstance(line.expect_exit, str):
        met = await record.reason() == line.expect_exit
    else:
        met = line.expect_exit.items() <= (await record.exits()).items()
    if not met:
        raise LookupError(str(line))


async def _message(contact: Contact, index: int) -> str:
    return (await contact.heard())[index]


async def _soon(attempt: Callable[[], Awaitable[T]], patience: float, what: str) -> T:
    """What the attempt gives as soon as it raises no LookupError any more."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return await attempt()
        except LookupError:
            if time.monotonic() > deadline:
                raise TalkError(f"waited {patience:g} s for {what}") from None
        await asyncio.sleep(POLL)
