"""Many conversations that wait: what each costs in memory and on disk, and what comes after a restart."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from bench.growth.figures import Sample, Waiting, spread
from bench.growth.flows import NODES, asking
from bench.growth.people import Person
from bench.growth.place import Place, resident
from wiring.supervise.child import Child

AT_ONCE = 20
SAMPLES = 20
"""Looks at the memory while they become more."""
SETTLED = 3.0
LATER = 20
"""Turns after the first one, of conversations by chance."""
SIZES = "SELECT sum(pg_database_size(datname)) FROM pg_database WHERE datname LIKE $1"


class _Filled(NamedTuple):
    """Whoever waits; the samples taken meanwhile, and the seconds it took without the looks."""

    persons: list[Person]
    samples: list[Sample]
    seconds: float


class _Restarted(NamedTuple):
    """Seconds until a new worker was ready, and of the first turns it worked on."""

    seconds: float
    turns: list[float]


async def waited(place: Place, conversations: int, cached: int) -> Waiting:
    """So many conversations are opened and left waiting; then the worker is stopped and started."""
    await place.publish(asking(NODES))
    before = await _disks(place)
    async with place.worker(TEMBEA_CACHED_WORKFLOWS=str(cached)) as worker:
        filled = await _filled(place, worker, conversations)
        began = time.perf_counter()
    stopped, after = time.perf_counter() - began, await _disks(place)
    restarted = await _restarted(place, filled.persons, cached)
    first, *later = restarted.turns
    samples = filled.samples
    return Waiting(
        conversations=conversations,
        cached=cached,
        starts_per_second=round(conversations / filled.seconds, 1),
        samples=samples,
        worker_bytes_each=slope([one for one in samples if one.waiting <= cached], "worker"),
        worker_bytes_each_beyond=slope([one for one in samples if one.waiting >= 1.25 * cached], "worker"),
        server_bytes_each=slope(samples, "server"),
        temporal_bytes_each=round((after.temporal - before.temporal) / conversations) or None,
        postgres_bytes_each=round((after.ours - before.ours) / conversations),
        stop_seconds=round(stopped, 2),
        restart_seconds=round(restarted.seconds, 2),
        first_turn_ms=round(first, 1),
        later_turns_ms=spread(later or [first]),
    )


async def _filled(place: Place, worker: Child, conversations: int) -> _Filled:
    persons: list[Person] = []
    samples, seconds, step = [_sample(place, worker, 0)], 0.0, max(1, conversations // SAMPLES)
    while len(persons) < conversations:
        began = time.perf_counter()
        persons += await _opened(place, min(step, conversations - len(persons)))
        seconds += time.perf_counter() - began
        await asyncio.sleep(SETTLED if len(persons) == conversations else 0)
        samples.append(_sample(place, worker, len(persons)))
        place.said.say(f"{len(persons)} wait; worker {samples[-1].worker >> 20} MiB")
    return _Filled(persons, samples, seconds)


async def _restarted(place: Place, persons: Sequence[Person], cached: int) -> _Restarted:
    chosen = Random(1).sample(persons, min(LATER + 1, len(persons)))  # noqa: S311  no secret
    began = time.perf_counter()
    async with place.worker(TEMBEA_CACHED_WORKFLOWS=str(cached)):
        seconds = time.perf_counter() - began
        return _Restarted(seconds, [1000 * await person.answer() for person in chosen])


async def _opened(place: Place, number: int) -> list[Person]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Person:
        async with gate:
            person = place.people.person(place.url)
            await person.open(f"asking-{NODES}")
            return person

    return list(await asyncio.gather(*(one() for _ in range(number))))


def _sample(place: Place, worker: Child, waiting: int) -> Sample:
    server = resident(place.servers.temporal_pid)
    return Sample(waiting=waiting, worker=resident(worker), server=server)


class _Disks(NamedTuple):
    """Bytes of our database, and of Temporal's, which is none where all of it is in memory."""

    ours: int
    temporal: int


async def _disks(place: Place) -> _Disks:
    files = place.folder.glob("temporal.db*")
    size = await place.db.fetchval(SIZES, "temporal%") or sum(file.stat().st_size for file in files)
    return _Disks(int(await place.db.fetchval(SIZES, "ours")), int(size))


def slope(samples: Sequence[Sample], of: str) -> float:
    """Bytes a conversation: the line that fits best; 0 where there is none to fit."""
    if len(samples) < 2:
        return 0.0
    line = statistics.linear_regression(
        [one.waiting for one in samples], [getattr(one, of) for one in samples]
    )
    return round(line.slope)
