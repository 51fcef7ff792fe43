"""`tembea dial`: a phone in the terminal, before a `tembea dev` that runs here."""

import asyncio
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

from dsl.channels import Channel
from providers.http.pooled import Pooled
from simulator.talks import TalkError
from wiring.handset import Handset
from wiring.people import NUMBERS
from wiring.subscriber import Subscriber
from wiring.supervise.record import read
from wiring.talk import Talk

CODE, NUMBER = re.compile(r"\*[0-9*]{1,40}#", re.A), re.compile(r"\+?[0-9]{3,15}", re.A)
STAND_IN = "africastalking"
HANGS_UP = "/hangup"
HELP = f"Type what you would type on the phone; {HANGS_UP} or Ctrl-D leaves."
LATER = 1.0
"""Seconds in which a text message, or a prompt for money, may still come when nobody is on the line."""
PAID = 10.0
"""The same, once money was paid or refused."""
POLL = 0.1
YES = ("y", "yes", "1")


def run(state_dir: Path, number: str, phone: str) -> None:
    """Dial a service code, or call a number; every line that is read is typed, until either side ends it.

    The loop runs while a line is answered, not while one is awaited: it would keep Ctrl-C to itself.
    """
    channel, url = _channel(number), _network(state_dir)
    Talk().say(HELP)
    with asyncio.Runner() as runner:
        network = Pooled(url, provider=STAND_IN)
        handset = Handset(network, phone)
        terminal = Terminal(Subscriber(handset, channel, number, number))
        try:
            runner.run(handset.meet(NUMBERS[channel], number))
            runner.run(terminal.begin(number))
            while runner.run(terminal.on_the_line()) and runner.run(terminal.take(sys.stdin.readline())):
                continue
            runner.run(terminal.leave())
            if runner.run(terminal.asked_for_money()):
                runner.run(terminal.pay(sys.stdin.readline()))
        except KeyboardInterrupt:
            runner.run(terminal.leave())
            Talk().say("Stopped.")
        finally:
            runner.run(network.aclose())


def _network(state_dir: Path) -> str:
    """The address of the stand-in that runs on the folder."""
    record = read(state_dir)
    part = record.parts.get(STAND_IN) if record else None
    if part is None or part.url is None:
        raise TalkError(f"no `tembea dev` with a phone network of its own runs on {state_dir}")
    return part.url


def _channel(number: str) -> Channel:
    """Where a service code leads, or a number."""
    if CODE.fullmatch(number):
        return "ussd"
    if NUMBER.fullmatch(number):
        return "voice"
    raise TalkError(f"{number!r} is neither a service code (*384*1#) nor a phone number (+254711000000)")


class Terminal:
    """Between a person at a terminal and their phone."""

    def __init__(self, person: Subscriber) -> None:
        self._person = person
        self._shown = 0

    async def begin(self, number: str) -> None:
        """Dial; what came to the phone before is not shown."""
        self._shown = len(await self._person.heard())
        _write("you", f"({'calls' if self._person.channel == 'voice' else 'dials'} {number})")
        await self._person.dial(number)
        await self._show()

    async def on_the_line(self) -> bool:
        """Whether anything can be typed."""
        return self._person.session is not None

    async def take(self, line: str) -> bool:
        """One line that was typed; False when it is the last."""
        typed = line.rstrip("\r\n")
        if not line or typed.strip() == HANGS_UP:
            return False
        _write("you", typed)
        try:
            await self._person.say(typed)
        except TalkError as error:
            _write("", str(error))
        await self._show()
        return True

    async def leave(self) -> None:
        """Hang up where the line is open."""
        if self._person.session is not None:
            _write("you", "(hangs up)")
            await self._person.hang_up()

    async def asked_for_money(self) -> bool:
        """Whether a prompt for money comes; a text that comes first is shown."""
        until = time.monotonic() + LATER
        while time.monotonic() < until and not await self._show():
            with suppress(LookupError):
                _write("phone", f"Pay {await self._person.handset.amount()}? (yes or no)")
                return True
            await asyncio.sleep(POLL)
        return False

    async def pay(self, line: str) -> None:
        """Pay, or refuse to; then wait for what is said to that."""
        typed = line.strip()
        _write("you", typed)
        await self._person.report("paid" if typed.lower() in YES else "failed")
        until = time.monotonic() + PAID
        while time.monotonic() < until and not await self._show():  # noqa: ASYNC110  a text comes meanwhile
            await asyncio.sleep(POLL)

    async def _show(self) -> bool:
        """What the phone shows since; whether there was anything."""
        heard = await self._person.heard()
        for text in heard[self._shown :]:
            _write("phone", text)
        news, self._shown = len(heard) > self._shown, len(heard)
        return news


def _write(who: str, text: str) -> None:
    first, *more = text.split("\n")
    sys.stdout.writelines([f"{who:>8}  {first}\n", *(f"{'':>8}  {line}\n" for line in more)])
    sys.stdout.flush()
