"""Load: conversations in a closed loop, or as they come."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count
from random import Random

from bench.contact import Contacts, Talk

IN_FLIGHT = 20
PER_SECOND = 7.0
THINK = 0.2
"""Seconds: long enough that no answer comes with the task that asked; 20 still fill the machine."""
WITHIN = 60.0
EFFECTS = 6


class LoadError(Exception):
    """A conversation went otherwise than it must; the figures would mean nothing."""


class Load:
    """Conversations of one bench: their numbers go up and never come again.

    `keeps` is the front of whoever promises that no effect is doubled. The others have no ledger: an activity
    whose answer is late is tried again, and on a machine that stands still for seconds it happens twice.
    """

    def __init__(self, contacts: Contacts, seed: int, keeps: str) -> None:
        self.contacts, self.random, self.keeps = contacts, Random(seed), keeps  # noqa: S311  no secret
        self.numbers: Iterator[int] = count(1)

    async def closed(self, front: str, conversations: int) -> tuple[float, list[Talk]]:
        """So many, `IN_FLIGHT` at a time: conversations a second, and all of them."""
        gate, began = asyncio.Semaphore(IN_FLIGHT), time.perf_counter()

        async def one() -> Talk:
            async with gate:
                return await self._held(front)

        talks = await asyncio.gather(*(one() for _ in range(conversations)))
        return conversations / (time.perf_counter() - began), talks

    async def open(self, front: str, conversations: int) -> list[float]:
        """So many, `PER_SECOND` by chance (the same chance for all): the seconds of every turn."""
        held = []
        for _ in range(conversations):
            held.append(asyncio.create_task(self._held(front)))
            await asyncio.sleep(self.random.expovariate(PER_SECOND))
        return [turn for talk in await asyncio.gather(*held) for turn in talk.turns]

    async def _held(self, front: str) -> Talk:
        talk = Talk(next(self.numbers), front, THINK)
        try:
            await self.contacts.converse(talk, WITHIN)
        except TimeoutError:
            raise LoadError(f"a conversation had not ended after {WITHIN:.0f} s: {talk.effects}") from None
        doubled = front == self.keeps and len(talk.effects) != EFFECTS
        if doubled or len(set(talk.effects)) != EFFECTS:
            raise LoadError(f"a conversation had other effects than it must: {talk.effects}")
        return talk
