"""The same load on one, two and four workers, and on one process that is API and worker."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from bench.contestants import lead_flow
from bench.growth.figures import Shape, spread
from bench.growth.flows import NODES, asking
from bench.growth.histories import runs_of, was_eager
from bench.growth.place import Place
from bench.load import Load
from wiring.supervise.child import Child

SINGLE = "single"
WARM_UP = 20
STARTS = 20
"""One after the other, on processes that are otherwise idle."""
SERVERS = ("server", "postgres")


class Run(NamedTuple):
    """One shape in one round."""

    speed: float
    start: float
    server: float
    own: float
    eager: bool


async def shaped(place: Place, workers: Sequence[int], conversations: int, rounds: int) -> dict[str, Shape]:
    """Each shape in turn, every other round in the other order."""
    await place.publish(lead_flow(place.ground), asking(NODES))
    shapes = [*map(str, workers), SINGLE]
    runs: dict[str, list[Run]] = {shape: [] for shape in shapes}
    for round in range(rounds):
        for shape in shapes if round % 2 == 0 else shapes[::-1]:
            runs[shape].append(await _run(place, shape, conversations))
            place.said.say(f"{shape}: {runs[shape][-1].speed:.1f} conversations/s")
    return {shape: _told(found) for shape, found in runs.items()}


def _told(runs: list[Run]) -> Shape:
    return Shape(
        conversations_per_second=spread([run.speed for run in runs]),
        start_ms=spread([run.start for run in runs]),
        server_cpu=spread([run.server for run in runs]),
        own_cpu=spread([run.own for run in runs]),
        eager=all(run.eager for run in runs),
    )


async def _run(place: Place, shape: str, conversations: int) -> Run:
    async with _standing(place, shape) as (front, children):
        load = Load(place.people.contacts, seed=1, keeps=front)
        load.numbers = place.people.numbers
        await load.closed(front, WARM_UP)
        start = await _start(place, front)
        before = place.used(**children)
        speed, _ = await load.closed(front, conversations)
        after = place.used(**children)
        used = {name: 1000 * (after[name] - before[name]) / conversations for name in after}
        _, [alone] = await load.closed(front, 1)  # a worker with its hands full starts nothing eagerly
        eager = was_eager((await runs_of(place.client, place.workflow(alone.id)))[-1])
    own = sum(ms for name, ms in used.items() if name not in SERVERS)
    return Run(speed, start, used["server"], own, eager)


@asynccontextmanager
async def _standing(place: Place, shape: str) -> AsyncIterator[tuple[str, dict[str, Child]]]:
    if shape == SINGLE:
        async with place.single() as (front, child):
            yield front, {SINGLE: child}
        return
    async with AsyncExitStack() as stack:
        names = [f"worker-{number}" for number in range(int(shape))]
        yield place.url, {name: await stack.enter_async_context(place.worker(name)) for name in names}


async def _start(place: Place, front: str) -> float:
    """Milliseconds from somebody's first message to the first question; the median of some."""
    taken = [await place.people.person(front).open(f"asking-{NODES}") for _ in range(STARTS)]
    return 1000 * spread(taken).median
