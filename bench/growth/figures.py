"""What growth measures, as it is written to the file."""

import statistics
from collections.abc import Sequence

from bench.figures import Backend
from dsl.model import Message


class Spread(Message):
    """A median with the least and the most."""

    median: float
    least: float
    most: float


class Turn(Message):
    """What a turn costs: milliseconds until the next question is heard, and of the worker's processor."""

    latency: Spread
    worker_cpu: Spread


class Sized(Message):
    """Flows of several sizes, by number of nodes; ratios are to the smallest, within a round."""

    compile_seconds: dict[str, float]
    plan_bytes: dict[str, int]
    turns: dict[str, Turn]
    ratios: dict[str, Turn]


class Placed(Message):
    """Turns of one long conversation, by how many went before; ratios are to the first, within it."""

    turns: dict[str, Turn]
    ratios: dict[str, Turn]
    runs: int
    """Of the last conversation: it is continued as new every so often."""


class Replayed(Message):
    """Milliseconds of a turn whose run was let go, by turns since the run began; `warm`: it was not."""

    warm: Spread
    cold: dict[str, Spread]


class Sample(Message):
    """Bytes of memory with so many conversations waiting."""

    waiting: int
    worker: int
    server: int


class Waiting(Message):
    """Many conversations that wait for an answer, more than the worker's cache holds."""

    conversations: int
    cached: int
    starts_per_second: float
    samples: list[Sample]
    worker_bytes_each: float
    """While the cache fills; of the growth beyond it likewise."""
    worker_bytes_each_beyond: float
    server_bytes_each: float
    """Memory of Temporal's process: the dev server's is everything it runs."""
    temporal_bytes_each: float | None
    """On Temporal's disk; None where it has none."""
    postgres_bytes_each: float
    stop_seconds: float
    restart_seconds: float
    first_turn_ms: float
    later_turns_ms: Spread
    """Of others whose run the new worker does not know either."""


class Shape(Message):
    """The closed loop on some processes; milliseconds of processor a conversation."""

    conversations_per_second: Spread
    start_ms: Spread
    """From the first message to the first question."""
    server_cpu: Spread
    own_cpu: Spread
    """Of API and workers together."""
    eager: bool
    """Whether Temporal handed the first task over with the answer to the start."""


class Looped(Message):
    """A loop that waits for nobody."""

    seconds: float
    worker_cpu_seconds: float
    effects: int
    runs: int
    events: int
    workflow_tasks: int
    longest_task_seconds: float


class Growth(Message):
    """All of it; what was not asked for is None."""

    backend: Backend
    sizes: Sized | None = None
    turns: Placed | None = None
    replay: Replayed | None = None
    waiting: Waiting | None = None
    shapes: dict[str, Shape] | None = None
    loops: dict[str, Looped] | None = None


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    least, most = round(min(values), 3), round(max(values), 3)
    return Spread(median=round(statistics.median(values), 3), least=least, most=most)


def turn(costs: Sequence[tuple[float, float]]) -> Turn:
    """Of pairs: latency, processor time."""
    latencies, cpu = zip(*costs, strict=True)
    return Turn(latency=spread(latencies), worker_cpu=spread(cpu))


def against_first(costs: dict[str, list[tuple[float, float]]]) -> dict[str, Turn]:
    """Each but the first, divided by the first, pair by pair."""
    first, *others = costs
    return {
        other: turn([(b[0] / a[0], b[1] / a[1]) for a, b in zip(costs[first], costs[other], strict=True)])
        for other in others
    }
