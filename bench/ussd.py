"""How long callers of USSD wait: ours, and the least that could answer.

Twenty sessions at a time, thinking between steps and before they dial again; the same phones' steps, the same
inbox insert, the same servers, turn about.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple
from urllib.parse import urlencode

from bench.figures import Waits, percentile
from bench.line import ANSWERS, typed
from bench.wire import Client, WireError
from intake.turns import CAP

PATIENCE = 15.0
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Size(NamedTuple):
    """How often each session goes through the menu in each repetition; seconds of thought between steps."""

    rounds: int
    repetitions: int
    think: float = 1.0
    sessions: int = 20


@dataclass(frozen=True)
class Callers:
    """People who call the fronts of contestants; their numbers go up and never come again."""

    fronts: Mapping[str, str]
    """By contestant."""
    secret: str
    size: Size
    numbers: "count[int]"

    async def measured(self) -> AsyncIterator[Waits]:
        """Both contestants turn about, after a warm-up."""
        for name in self.fronts:
            await self._calls(name, 1)
        for repetition in range(self.size.repetitions):
            for name in list(self.fronts) if repetition % 2 == 0 else list(self.fronts)[::-1]:
                yield waits(name, repetition, await self._calls(name, self.size.rounds))

    async def _calls(self, name: str, rounds: int) -> list[tuple[float, str]]:
        """The seconds and the body of every answer."""
        url = f"{self.fronts[name]}/webhooks/africastalking/main/{self.secret}/ussd"
        provider = Client(within=PATIENCE)

        async def calls(at: int) -> list[tuple[float, str]]:
            await asyncio.sleep(self.size.think * at / self.size.sessions)
            return [one for _ in range(rounds) for one in await self._session(provider, url)]

        try:
            each = await asyncio.gather(*(calls(at) for at in range(self.size.sessions)))
        finally:
            provider.close()
        return [one for told in each for one in told]

    async def _session(self, provider: Client, url: str) -> list[tuple[float, str]]:
        """A caller who has never called before goes through the menu."""
        told, number = list[tuple[float, str]](), next(self.numbers)
        for step in range(len(ANSWERS) + 1):
            body = urlencode(typed(number, step)).encode()
            began = time.perf_counter()
            answer = await provider.post(url, body, FORM)
            told.append((time.perf_counter() - began, answer.body.decode()))
            if answer.status != 200:
                raise WireError(f"a step was answered with {answer.status}: {told[-1][1][:200]}")
            await asyncio.sleep(self.size.think)
        return told


def waits(name: str, repetition: int, told: Sequence[tuple[float, str]]) -> Waits:
    """What one repetition's answers come to: seconds and bodies."""
    seconds = [one for one, _ in told]
    return Waits(
        contestant=name,
        repetition=repetition,
        answers=len(told),
        p50=percentile(seconds, 0.50),
        p95=percentile(seconds, 0.95),
        p99=percentile(seconds, 0.99),
        longest=percentile(seconds, 1.0),
        beyond_cap=sum(one > CAP for one in seconds),
        safe=sum(not body.startswith(("CON Your", "END Thank you")) for _, body in told),
    )
