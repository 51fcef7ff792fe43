"""A race, run again and again: many conversations at a time, each by the throws of its seed."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from logging import getLogger
from typing import NamedTuple

log = getLogger(__name__)

AGAIN = "RACE"
"""In the environment: the one seed to try, as often as `--examples` says."""


class Verdict(NamedTuple):
    """What was wrong with a try, and what is counted of it."""

    wrong: list[str]
    counts: Counter[str]


@dataclass(frozen=True)
class Race:
    """A test that is tried `asked` times (None: as often as the test wants); `name` is how to run it."""

    name: str
    asked: int | None

    async def run(
        self, one: Callable[[int], Awaitable[Verdict]], often: int, together: int = 20
    ) -> Counter[str]:
        """The counts of all tries, so many conversations at a time; fails with every try that went wrong."""
        gate, began = asyncio.Semaphore(together), time.monotonic()

        async def judged(seed: int) -> Verdict:
            async with gate:
                return await _judged(one, seed)

        seeds = self._seeds(self.asked or often)
        verdicts = await asyncio.gather(*(judged(seed) for seed in seeds))
        counts = sum((verdict.counts for verdict in verdicts), Counter[str]())
        log.info("%s: %d tries in %.0f s: %s", self.name, len(seeds), time.monotonic() - began, dict(counts))
        stories = [self._story(seed, verdict) for seed, verdict in zip(seeds, verdicts, strict=True)]
        wrong = [story for story in stories if story]
        assert not wrong, f"{len(wrong)} of {len(seeds)} tries went wrong\n" + "\n".join(wrong[:20])
        return counts

    def _seeds(self, count: int) -> list[int]:
        again = os.environ.get(AGAIN)
        return list(range(count)) if again is None else [int(again)] * count

    def _story(self, seed: int, verdict: Verdict) -> str:
        if not verdict.wrong:
            return ""
        once_more = f"{AGAIN}={seed} python -m pytest --examples 100 '{self.name}'"
        return "\n  ".join([f"try {seed}, again by {once_more}", *verdict.wrong])


async def _judged(one: Callable[[int], Awaitable[Verdict]], seed: int) -> Verdict:
    try:
        return await one(seed)
    except TimeoutError as late:
        return Verdict([f"it did not come to its end: {late}"], Counter())


def differs(what: str, found: object, expected: object) -> Iterable[str]:
    """One line where two things are not the same."""
    return [] if found == expected else [f"{what}: {found!r}, expected {expected!r}"]
