"""Signed webhooks at a rate: when each is answered, and whether the turns they lead to keep pace."""

import asyncio
import time
from collections.abc import Sequence
from random import Random

from bench.growth.flows import NODES
from bench.growth.people import Person
from bench.growth.place import Place
from bench.knee.figures import Step, percentiles
from bench.wire import WireError
from wiring.supervise.child import Child

LIMIT = 5.0
"""Seconds that Chatwoot waits for an answer."""
PERSONS = 300
"""Conversations that the messages go to, one after the other: none gets two in one turn."""
AT_ONCE = 20
LATE = 1.0
STILL = 2.0


async def crowd(place: Place, front: str, number: int = PERSONS) -> list[Person]:
    """People who have been asked something."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Person:
        async with gate:
            person = place.people.person(front)
            await person.open(f"asking-{NODES}")
            return person

    return list(await asyncio.gather(*(one() for _ in range(number))))


async def step(place: Place, persons: Sequence[Person], rate: float, seconds: float, **at: Child) -> Step:
    """Messages by chance at a rate, in turn to each person; `at`: processes to be watched beside servers."""
    before, heard, began = place.used(**at), _heard(persons), time.perf_counter()
    sent = await _sent(persons, rate, seconds)
    answers = await asyncio.gather(*sent)
    lasted = time.perf_counter() - began
    await asyncio.sleep(max(0.0, seconds + LATE - lasted))
    behind = 1 - (_heard(persons) - heard) / len(sent)
    await _drained(persons)
    after, taken = place.used(**at), [taken for taken, _ in answers]
    return Step(
        offered=round(rate, 1),
        seconds=seconds,
        accepted=round(sum(good for _, good in answers) / max(seconds, lasted), 1),
        messages=len(sent),
        refused=sum(not good for _, good in answers),
        beyond_limit=sum(one > LIMIT for one in taken),
        turns_behind=round(max(0.0, behind), 3),
        cpu={name: round(1000 * (after[name] - before[name]) / len(sent), 1) for name in after},
        **percentiles(taken),
    )


async def _sent(
    persons: Sequence[Person], rate: float, seconds: float
) -> list[asyncio.Task[tuple[float, bool]]]:
    """Each message as a task; those that are due go out, however late the answers are."""
    chance, sent = Random(1), list[asyncio.Task[tuple[float, bool]]]()  # noqa: S311  no secret
    began, due = time.perf_counter(), 0.0
    while (due := due + chance.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        person = persons[len(sent) % len(persons)]
        sent.append(asyncio.create_task(_message(person, began + due)))
    return sent


async def _message(person: Person, due: float) -> tuple[float, bool]:
    """Seconds since it was due, and whether it was accepted."""
    try:
        await person.people.contacts.write(person.talk, "more")
    except (WireError, OSError, TimeoutError):
        return time.perf_counter() - due, False
    return time.perf_counter() - due, True


def _heard(persons: Sequence[Person]) -> int:
    return sum(len(person.talk.effects) for person in persons)


async def _drained(persons: Sequence[Person]) -> None:
    """What is still under way has come to its end: no turn was heard of for a while."""
    heard, since = _heard(persons), time.perf_counter()
    while time.perf_counter() < since + STILL:
        await asyncio.sleep(0.2)
        if (now := _heard(persons)) != heard:
            heard, since = now, time.perf_counter()
