"""A conversation as a file (`<flow>.<scenario>.talk.json`), and how it is played against a running Tembea."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from dsl.model import Authored

PATIENCE = 20.0
"""Seconds until an expected message counts as missing."""
POLL = 0.03

T = TypeVar("T")


class TalkError(Exception):
    """The conversation did not go as its file says, or the file cannot be read."""


class Say(Authored):
    """The contact writes."""

    say: str = Field(min_length=1)


class Click(Authored):
    """The contact picks a choice by its title or value."""

    click: str = Field(min_length=1)


class Expect(Authored):
    """The next message of the bot reads exactly so."""

    expect: str


Line = Say | Click | Expect
_LINES = TypeAdapter(Annotated[list[Line], Field(min_length=1, max_length=500)])


class Contact(Protocol):
    """The person's end of a conversation."""

    async def say(self, text: str) -> None:
        """Write; the first time opens the conversation."""

    async def click(self, choice: str) -> None:
        """Pick a choice of the newest message that offers it; LookupError while there is none."""

    async def heard(self) -> list[str]:
        """What the bot has said so far, oldest first."""


def read_talk(path: Path) -> list[Line]:
    """The lines of a conversation file; TalkError names what is wrong."""
    try:
        return _LINES.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"])) or "the whole"
        raise TalkError(f"{path.name}: {where}: {first['msg']}") from None


def first_talk(flow: Path) -> Path:
    """The first conversation beside a flow file, by name; TalkError when there is none."""
    found = sorted(flow.parent.glob(f"{flow.stem}.*.talk.json"))
    if not found:
        raise TalkError(f"there is no {flow.stem}.<scenario>.talk.json beside {flow}")
    return found[0]


async def play(
    lines: list[Line], contact: Contact, tell: Callable[[str, str], None], *, patience: float = PATIENCE
) -> None:
    """Play a conversation; `tell(who, text)` follows it. TalkError where it goes another way."""
    heard = 0
    for line in lines:
        match line:
            case Say():
                tell("contact", line.say)
                await contact.say(line.say)
            case Click():
                tell("contact", f"[{line.click}]")
                offered = partial(contact.click, line.click)
                await _soon(offered, patience, f"a choice {line.click!r}")
            case Expect():
                text = await _soon(partial(_message, contact, heard), patience, repr(line.expect))
                heard += 1
                tell("bot", text)
                if text != line.expect:
                    raise TalkError(f"expected {line.expect!r}, the bot said {text!r}")


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
