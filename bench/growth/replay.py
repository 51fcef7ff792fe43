"""What a turn costs when the worker has let the run go: all since the run began is walked again."""

from collections.abc import Sequence

from bench.growth.figures import Replayed, spread
from bench.growth.flows import NODES, asking
from bench.growth.people import Person
from bench.growth.place import Place

CACHED = 2
OTHERS = 3
"""More than the cache holds: after a turn of each, nobody else is in it."""


async def replayed(place: Place, turns: Sequence[int], conversations: int) -> Replayed:
    """Conversations whose run is let go after so many turns, each time anew."""
    await place.publish(asking(NODES))
    warm: list[float] = []
    cold: dict[str, list[float]] = {str(gone): [] for gone in turns}
    async with place.worker(TEMBEA_CACHED_WORKFLOWS=str(CACHED)):
        others = [await _opened(place) for _ in range(OTHERS)]
        for _ in range(conversations):
            person = await _opened(place)
            for gone in turns:
                while len(person.turns) < gone:
                    warm.append(1000 * await person.answer())
                for other in others:
                    await other.answer()
                cold[str(gone)].append(1000 * await person.answer())
            await person.answer("stop")
    return Replayed(warm=spread(warm), cold={gone: spread(found) for gone, found in cold.items()})


async def _opened(place: Place) -> Person:
    person = place.people.person(place.url)
    await person.open(f"asking-{NODES}")
    return person
