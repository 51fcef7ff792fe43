"""The crowd: new people keep coming, so many at a time, until the doors are closed."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from random import Random
from typing import NamedTuple, Protocol


class Guest(Protocol):
    """Somebody who comes, does what they came for, and leaves."""

    def come(self) -> Coroutine[None, None, None]: ...


class Door(Protocol):
    """Where guests of one sort come in."""

    def __call__(self, dice: Random) -> Guest: ...


class Kind(NamedTuple):
    """A sort of guests: how many of a hundred."""

    name: str
    weight: int
    door: Door


class Crowd:
    """At most `most` people at a time; the next comes `pause` seconds after the last, about."""

    def __init__(self, kinds: Sequence[Kind], most: int, pause: float, dice: Random) -> None:
        self._kinds = kinds
        self._most = most
        self._pause = pause
        self._dice = dice
        self._here = dict[asyncio.Task[None], str]()
        self.came = Counter[str]()

    @property
    def here(self) -> int:
        """How many there are."""
        return sum(not task.done() for task in self._here)

    async def keep_coming(self) -> None:
        """For ever; cancelled when the doors are closed. Each kind comes once before chance decides."""
        first = list(self._kinds)
        self._dice.shuffle(first)
        while True:
            kind = first.pop() if first else self._drawn()
            self._welcome(kind)
            await asyncio.sleep(self._dice.expovariate(1 / self._pause))
            while self.here >= self._most:  # noqa: ASYNC110  people leave by themselves
                await asyncio.sleep(0.1)

    def _drawn(self) -> Kind:
        [kind] = self._dice.choices(self._kinds, [kind.weight for kind in self._kinds])
        return kind

    def _welcome(self, kind: Kind) -> None:
        guest = kind.door(Random(self._dice.random()))  # noqa: S311  repeatable, not secret
        self.came[kind.name] += 1
        self._here[asyncio.create_task(guest.come(), name=kind.name)] = kind.name

    async def leave(self, seconds: float) -> Counter[str]:
        """Wait for all to leave; those that did not in time are sent away, and counted."""
        tasks = list(self._here)
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        wrong = [end for end in ends if isinstance(end, Exception)]
        if wrong:
            raise ExceptionGroup("people of ours went wrong", wrong)
        return Counter(self._here[task] for task in left)
