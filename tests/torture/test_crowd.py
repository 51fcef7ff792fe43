"""New people keep coming, so many at a time, until the doors are closed."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import pytest

from torture.source.crowd import Crowd, Kind


@dataclass
class House:
    """Where guests are, and how many there ever were at a time."""

    here: int = 0
    most: int = 0


@dataclass
class Guest:
    house: House
    seconds: float
    wrong: bool = False

    async def come(self) -> None:
        self.house.here += 1
        self.house.most = max(self.house.most, self.house.here)
        try:
            await asyncio.sleep(self.seconds)
            if self.wrong:
                raise ValueError("this guest is broken")
        finally:
            self.house.here -= 1


async def open_for(crowd: Crowd, seconds: float) -> None:
    coming = asyncio.create_task(crowd.keep_coming())
    await asyncio.sleep(seconds)
    coming.cancel()
    with suppress(asyncio.CancelledError):
        await coming


async def test_no_more_are_there_at_a_time_than_may_be() -> None:
    house = House()
    crowd = Crowd([Kind("guest", 1, lambda _: Guest(house, 0.05))], 4, 0.001, Random(1))
    await open_for(crowd, 0.6)
    assert await crowd.leave(5) == Counter()
    assert (house.most, house.here) == (4, 0)
    assert crowd.came["guest"] > 4


async def test_each_kind_comes_once_before_chance_decides() -> None:
    house = House()
    kinds = [
        Kind(name, weight, lambda _: Guest(house, 0)) for name, weight in (("a", 98), ("b", 1), ("c", 1))
    ]
    crowd = Crowd(kinds, 9, 0.02, Random(1))
    await open_for(crowd, 0.3)
    await crowd.leave(5)
    assert set(crowd.came) == {"a", "b", "c"}


async def test_who_does_not_leave_in_time_is_sent_away_and_counted() -> None:
    house = House()
    crowd = Crowd([Kind("sleeper", 1, lambda _: Guest(house, 3_600))], 2, 0.001, Random(1))
    await open_for(crowd, 0.1)
    assert await crowd.leave(0.1) == Counter(sleeper=2)
    assert house.here == 0


async def test_a_guest_that_is_broken_is_no_secret() -> None:
    crowd = Crowd([Kind("guest", 1, lambda _: Guest(House(), 0, wrong=True))], 1, 0.001, Random(1))
    await open_for(crowd, 0.05)
    with pytest.raises(ExceptionGroup, match="people of ours went wrong"):
        await crowd.leave(1)
