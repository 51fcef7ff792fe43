"""What so many waiting conversations need, from what one was measured to cost; nothing here is measured."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from bench.figures import OURS, Figures, Report
from bench.growth.figures import Growth
from store.waiting import LOOKS_A_MINUTE

DAY = 86_400
MINUTES_A_DAY = 1_440
TURNS = 3
"""Of the conversation that the bench holds."""


class Unit(NamedTuple):
    """One conversation of three turns, from its first message to its end; milliseconds and bytes."""

    server_cpu: float
    worker_cpu: float
    api_cpu: float
    postgres_cpu: float
    """Of both: our database's, and Temporal's."""
    events: float
    tasks: float
    commits: float
    history_bytes: float
    row_bytes: float
    """By which our database grows."""


class Waits(NamedTuple):
    """One conversation that waits; bytes."""

    worker_memory: float
    temporal_disk: float
    row_bytes: float
    replay_ms: float
    """More than a warm turn, of a run that the worker does not hold, ten turns old."""


class Assumed(NamedTuple):
    """What is not measured and decides as much."""

    turns_a_day: float = 1.0
    """Of each conversation that waits."""
    peak: float = 5.0
    """The busiest minute by the mean."""
    busy: float = 0.6
    """The part of a processor that is planned to be used at the peak."""
    cached: float = 0.1
    """The part of the waiting conversations whose runs workers hold."""
    kept_days: float = 30.0
    """For which our database keeps what has ended; Temporal keeps it for three."""
    temporal_days: float = 3.0
    write_seconds: float = 0.005
    """Of one write of a run's state, in a data centre; a shard does them one after the other."""
    shard_busy: float = 0.05
    """The part of a shard's time that is planned for: they are not equally busy."""
    partition: float = 500.0
    """Workflow tasks a second through one partition of a task queue."""


class Plan(NamedTuple):
    """Rates by the second at the peak; processors; bytes."""

    waiting: int
    turns: float
    server_cpus: float
    worker_cpus: float
    api_cpus: float
    postgres_cpus: float
    commits: float
    transitions: float
    shards: int
    partitions: int
    worker_memory: float
    temporal_disk: float
    our_disk: float
    reconciled_days: float
    """Until each conversation was compared with its provider once."""
    replay_cpus: float
    """More for the first turns after all workers were replaced."""


def unit_of(report: Report) -> Unit:
    """The medians of ours, on PostgreSQL where that was measured, else on the file database."""
    runs = [run for run in report.runs if run.contestant == OURS]
    for backend in ("postgres", "file", "memory"):
        if here := [run for run in runs if run.backend == backend]:
            return _medians(here)
    raise ValueError("the bench has not measured ours")


def _medians(runs: Sequence[Figures]) -> Unit:
    names = (
        "server_cpu", "worker_cpu", "front_cpu", "postgres_cpu", "events", "workflow_tasks", "commits",
        "history_bytes", "postgres_bytes",
    )  # fmt: skip
    return Unit(*(statistics.median(getattr(run, name) for run in runs) for name in names))


def waits_of(growth: Growth) -> Waits:
    """From a growth whose parts `waiting` and `replay` were measured; raises ValueError."""
    waiting, replay = growth.waiting, growth.replay
    if waiting is None or replay is None:
        raise ValueError("the growth has not measured who waits, or no replay")
    old = replay.cold.get("10") or next(reversed(replay.cold.values()))
    return Waits(
        waiting.worker_bytes_each,
        float(waiting.temporal_bytes_each or 0),
        waiting.postgres_bytes_each,
        max(0.0, old.median - replay.warm.median),
    )


def planned(waiting: int, unit: Unit, each: Waits, assumed: Assumed) -> Plan:
    """The sizing formula."""
    turns = waiting * assumed.turns_a_day / DAY * assumed.peak
    conversations = turns / TURNS
    ended = waiting * assumed.turns_a_day / TURNS

    def processors(ms: float) -> float:
        return conversations * ms / 1000 / assumed.busy

    # Each workflow task is started and completed; before it, a message is signalled or starts the run.
    transitions = 2 * conversations * unit.tasks + turns
    return Plan(
        waiting=waiting,
        turns=turns,
        server_cpus=processors(unit.server_cpu),
        worker_cpus=processors(unit.worker_cpu),
        api_cpus=processors(unit.api_cpu),
        postgres_cpus=processors(unit.postgres_cpu),
        commits=conversations * unit.commits,
        transitions=transitions,
        shards=_power_of_two(transitions * assumed.write_seconds / assumed.shard_busy),
        partitions=max(1, math.ceil(conversations * unit.tasks / assumed.partition)),
        worker_memory=waiting * assumed.cached * each.worker_memory,
        temporal_disk=waiting * each.temporal_disk + ended * assumed.temporal_days * unit.history_bytes,
        our_disk=waiting * each.row_bytes + ended * assumed.kept_days * unit.row_bytes,
        reconciled_days=waiting / (LOOKS_A_MINUTE * MINUTES_A_DAY),
        replay_cpus=turns * each.replay_ms / 1000 / assumed.busy,
    )


def _power_of_two(least: float) -> int:
    """No fewer than four: the number cannot be changed later."""
    return int(2 ** max(2, math.ceil(math.log2(max(1.0, least)))))
