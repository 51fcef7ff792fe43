"""The whole measurement: up to the knee and past it, then 70 % of it, then with a slow database."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from bench.figures import Backend
from bench.growth.flows import NODES, asking
from bench.growth.place import Place, front, opened
from bench.knee.figures import Knee, Step, kept_up, past
from bench.knee.ramp import PERSONS, crowd, step
from bench.slow import slowed
from wiring.talk import Talk

SLOW = 0.2
PART = 0.7


class Size(NamedTuple):
    """A ramp: its first rate, by how much it grows, for how long each; messages of the steady loads."""

    first: float = 8.0
    growth: float = 1.25
    seconds: float = 6.0
    steps: int = 20
    persons: int = PERSONS
    steady: int = 2_500
    longest: float = 90.0


WHOLE = Size()
QUICK = Size(first=4.0, growth=2.0, seconds=2.0, steps=3, persons=20, steady=20, longest=5.0)


async def measured(folder: Path, backend: Backend, size: Size, said: Talk) -> Knee:
    """All of it, on servers of its own."""
    async with opened(folder, backend, said) as place, place.worker() as worker:
        await place.publish(asking(NODES))
        persons = await crowd(place, place.url, size.persons)
        await step(place, persons, size.first, size.seconds)  # warms up
        ramp: list[Step] = []
        while len(ramp) < size.steps and not past(ramp):
            rate = size.first * size.growth ** len(ramp)
            ramp.append(await step(place, persons, rate, size.seconds, api=place.api, worker=worker))
            said.say(f"{rate:.0f}/s: p99 {ramp[-1].p99:.0f} ms, {100 * ramp[-1].turns_behind:.0f} % behind")
        knee = max((one.offered for one in ramp if kept_up(one)), default=0.0)
        rate = PART * (knee or size.first)
        seconds = min(size.longest, size.steady / rate)
        steady = await step(place, persons, rate, seconds, api=place.api, worker=worker)
        slow = await _slow(place, size, rate, seconds)
    return Knee(
        backend=backend, ramp=ramp, knee=knee, accepted_at_most=max(one.accepted for one in ramp),
        at_70_percent=steady, slow_database=slow, slow_ms=1000 * SLOW,
    )  # fmt: skip


async def _slow(place: Place, size: Size, rate: float, seconds: float) -> Step:
    """The same load on an API whose database is far away; the worker's is near."""
    near = urlsplit(place.servers.tcp_dsn)
    assert near.port, "by TCP"
    async with slowed(near.port, SLOW) as port:
        login = f"{near.username}:{near.password}@{near.hostname}"
        far = urlunsplit(near._replace(netloc=f"{login}:{port}", path=urlsplit(place.dsn).path))
        async with front(place.folder, place.ground, far) as (url, child):
            persons = await crowd(place, url, size.persons)
            return await step(place, persons, rate, seconds, api=child)
