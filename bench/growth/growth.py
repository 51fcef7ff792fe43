"""The parts of growth, one after the other on the same servers."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.figures import Backend
from bench.growth.figures import Growth
from bench.growth.loops import looped
from bench.growth.place import Place, opened
from bench.growth.replay import replayed
from bench.growth.shapes import shaped
from bench.growth.turns import placed, sized
from bench.growth.waiting import waited
from wiring.supervise.child import Child
from wiring.talk import Talk

PARTS = ("sizes", "turns", "replay", "shapes", "waiting", "loops")
PLAIN = ("sizes", "turns", "loops")
"""Measured with one and the same worker; the others start their own."""


class Size(NamedTuple):
    """How much is measured."""

    sizes: tuple[int, ...] = (10, 100, 1_000, 10_000)
    rounds: int = 5
    places: tuple[int, ...] = (10, 100, 1_000)
    """Turns before each window of one long conversation."""
    long: int = 2
    """Such conversations."""
    replays: tuple[int, ...] = (1, 10, 25, 45)
    replayed: int = 5
    shaped: int = 80
    """Conversations on each shape, in each of the rounds."""
    shape_rounds: int = 2
    workers: tuple[int, ...] = (1, 2, 4)
    waiting: int = 10_000
    cached: int = 2_000
    counted: int = 100_000
    said: int = 2_000


WHOLE = Size()
QUICK = Size(
    sizes=(10, 100), rounds=1, places=(1, 60), long=1, replays=(1, 5), replayed=1, shaped=20, shape_rounds=1,
    waiting=60, cached=20, counted=1_000, said=20,
)  # fmt: skip


async def grown(
    folder: Path, backend: Backend, size: Size, parts: Sequence[str], said: Talk
) -> AsyncIterator[Growth]:
    """The figures of the parts that are asked for: after each part, all of them so far."""
    made = Growth(backend=backend)
    async with opened(folder, backend, said) as place:
        if plain := [part for part in PARTS if part in parts and part in PLAIN]:
            async with place.worker() as worker:
                for part in plain:
                    said.say(part)
                    made = made.but(**{part: await _by_one(place, worker, part, size)})
                    yield made
        for part in (part for part in PARTS if part in parts and part not in PLAIN):
            said.say(part)
            made = made.but(**{part: await _by_several(place, part, size)})
            yield made


async def _by_one(place: Place, worker: Child, part: str, size: Size) -> object:
    match part:
        case "sizes":
            return await sized(place, worker, size.sizes, size.rounds)
        case "turns":
            return await placed(place, worker, size.places, size.long)
        case _:
            return await looped(place, worker, size.counted, size.said)


async def _by_several(place: Place, part: str, size: Size) -> object:
    match part:
        case "replay":
            return await replayed(place, size.replays, size.replayed)
        case "shapes":
            return await shaped(place, size.workers, size.shaped, size.shape_rounds)
        case _:
            return await waited(place, size.waiting, size.cached)
