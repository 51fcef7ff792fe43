"""People who are asked the same again and again: each answer is given when the measurement says so."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count

from bench.contact import Contacts, Talk
from bench.contact import lead as answer_lead
from bench.growth.flows import QUESTION

WITHIN = 300.0
THINK = 0.02
"""Seconds: long enough that no answer comes with the task that asked."""
DONE = "remember"


class Person:
    """One conversation; `turns` are the seconds from each answer to the next question."""

    def __init__(self, people: "People", talk: Talk) -> None:
        self.people, self.talk = people, talk
        self.asked, self.turns = asyncio.Event(), list[float]()

    async def open(self, words: str) -> float:
        """Write first; the seconds until the question has come. Raises TimeoutError."""
        self.asked.clear()
        began = time.perf_counter()
        async with asyncio.timeout(WITHIN):
            await self.people.contacts.write(self.talk, words)
            await self.asked.wait()
        return time.perf_counter() - began

    async def answer(self, words: str = "more") -> float:
        """Think, then give an answer; the seconds until what it leads to has come. Raises TimeoutError."""
        await asyncio.sleep(THINK)
        self.turns.append(await self.open(words))
        return self.turns[-1]


class People:
    """Numbers their conversations; who is in `answer_lead`'s flow answers by itself."""

    def __init__(self, contacts: Contacts) -> None:
        self.contacts = contacts
        self._persons: dict[int, Person] = {}
        self.numbers: Iterator[int] = count(1)
        contacts.answer = self._heard

    def person(self, front: str) -> Person:
        """Somebody new, who writes to that front."""
        talk = Talk(next(self.numbers), front, 0.0)
        person = self._persons[talk.id] = Person(self, talk)
        self.contacts.talks[talk.id] = talk
        return person

    def _heard(self, talk: Talk, said: str) -> str | None:
        person = self._persons.get(talk.id)
        if person is None:
            return answer_lead(talk, said)
        if said in (QUESTION, DONE):
            person.asked.set()
        return None
