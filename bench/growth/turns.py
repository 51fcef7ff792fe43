"""What a turn costs in a flow of many nodes, and late in a long conversation."""

import statistics
import time
from collections.abc import Sequence
from itertools import pairwise

from bench.growth.figures import Placed, Sized, against_first, turn
from bench.growth.flows import NODES, asking
from bench.growth.histories import History, runs_of
from bench.growth.people import Person
from bench.growth.place import Place
from bench.servers import cpu_seconds
from compiler.compile import compile_flow
from wiring.catalog import catalogue
from wiring.supervise.child import Child

TURNS = 30
"""In each conversation with a flow of some size."""
WINDOW = 50
"""Turns measured together late in a conversation: one of them continues as new."""
Cost = tuple[float, float]
"""Milliseconds of a turn: the median until the next question, and the worker's processor on average."""


async def sized(place: Place, worker: Child, sizes: Sequence[int], rounds: int) -> Sized:
    """Conversations in turn with a flow of each size, every other round in the other order."""
    made = {str(size): _compiled(size) for size in sizes}
    await place.publish(*map(asking, sizes))
    costs: dict[str, list[Cost]] = {str(size): [] for size in sizes}
    for round in range(-1, rounds):
        for size in sizes if round % 2 else sizes[::-1]:
            cost = await _conversation(place, worker, size)
            if round >= 0:  # the first only warms up
                costs[str(size)].append(cost)
    return Sized(
        compile_seconds={size: seconds for size, (seconds, _) in made.items()},
        plan_bytes={size: plan for size, (_, plan) in made.items()},
        turns={size: turn(found) for size, found in costs.items()},
        ratios=against_first(costs),
    )


def _compiled(size: int) -> tuple[float, int]:
    document, began = asking(size), time.perf_counter()
    plan = compile_flow(document, catalogue()).plan
    assert plan is not None
    return round(time.perf_counter() - began, 3), len(plan.model_dump_json())


async def _conversation(place: Place, worker: Child, size: int) -> Cost:
    person = place.people.person(place.url)
    await person.open(f"asking-{size}")
    cost = await _window(person, worker, TURNS)
    await person.answer("stop")
    return cost


async def placed(place: Place, worker: Child, places: Sequence[int], conversations: int) -> Placed:
    """Long conversations, one after the other: a window of turns after so many each."""
    await place.publish(asking(NODES))
    costs: dict[str, list[Cost]] = {str(before): [] for before in places}
    runs: list[History] = []
    for _ in range(conversations):
        person = place.people.person(place.url)
        await person.open(f"asking-{NODES}")
        for gone, before in pairwise((-WINDOW, *places)):
            await _window(person, worker, before - gone - WINDOW)
            costs[str(before)].append(await _window(person, worker, WINDOW))
        await person.answer("stop")
        runs = await runs_of(place.client, place.workflow(person.talk.id))
    return Placed(
        turns={before: turn(found) for before, found in costs.items()},
        ratios=against_first(costs),
        runs=len(runs),
    )


async def _window(person: Person, worker: Child, turns: int) -> Cost:
    before = cpu_seconds(worker.pid)
    waited = [await person.answer() for _ in range(turns)]
    cpu = (cpu_seconds(worker.pid) - before) / max(turns, 1)
    return 1000 * statistics.median(waited or [0]), 1000 * cpu
