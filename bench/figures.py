"""What a bench measures, and the ratios made of it."""

import statistics
from collections.abc import Callable, Sequence
from typing import Literal

from dsl.model import Message

Backend = Literal["memory", "file"]


class Figures(Message):
    """One contestant in one repetition. Milliseconds, per conversation where not said otherwise."""

    contestant: str
    backend: Backend
    repetition: int
    conversations_per_second: float
    """Closed loop."""
    turn_p50: float
    """Open loop, milliseconds from a contact's message to the next effect; p95 and p99 likewise."""
    turn_p95: float
    turn_p99: float
    server_cpu: float
    """Milliseconds of Temporal's processor time; the others by process likewise."""
    worker_cpu: float
    front_cpu: float
    postgres_cpu: float
    transactions: float
    """PostgreSQL's committed transactions, reads included."""
    events: int
    workflow_tasks: int
    actions: int
    """By the usual billing rules: start, signals, timers, activities, tasks that carry local ones."""


class Ratio(Message):
    """Within each repetition, then over all of them."""

    median: float
    spread: tuple[float, float]


class Ratios(Message):
    """Ours divided by another contestant's."""

    conversations_per_second: Ratio
    turn_p95: Ratio
    server_cpu: Ratio
    events: Ratio


class Report(Message):
    """A whole bench; `ratios` are of the server in memory, `file_ratios` of its file database."""

    ratios: dict[str, Ratios]
    file_ratios: dict[str, Ratios]
    runs: list[Figures]


def report(runs: Sequence[Figures]) -> Report:
    """The ratios of all that was measured."""
    return Report(ratios=_ratios(runs, "memory"), file_ratios=_ratios(runs, "file"), runs=list(runs))


def _ratios(runs: Sequence[Figures], backend: Backend) -> dict[str, Ratios]:
    here = [run for run in runs if run.backend == backend]
    others = dict.fromkeys(run.contestant for run in here if run.contestant != "ours")
    return {f"vs_{other}": _against(other, here) for other in others}


def _against(other: str, runs: Sequence[Figures]) -> Ratios:
    ours = {run.repetition: run for run in runs if run.contestant == "ours"}
    pairs = [(ours[run.repetition], run) for run in runs if run.contestant == other]

    def ratio(figure: Callable[[Figures], float]) -> Ratio:
        each = [round(figure(mine) / figure(theirs), 3) for mine, theirs in pairs]
        return Ratio(median=round(statistics.median(each), 3), spread=(min(each), max(each)))

    return Ratios(
        conversations_per_second=ratio(lambda run: run.conversations_per_second),
        turn_p95=ratio(lambda run: run.turn_p95),
        server_cpu=ratio(lambda run: run.server_cpu),
        events=ratio(lambda run: run.events),
    )


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies, in milliseconds; they are in seconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)
