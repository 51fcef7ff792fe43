"""The figures for people who watch."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from bench.figures import Figures, Floor, PeerRatios, Ratio, Ratios, Report, Waits
from dsl.model import Message

COLUMNS = (
    "conversations/s",
    "turn p50/95/99 ms, open",
    "closed",
    "CPU ms: server/worker/front/PostgreSQL, load",
    "events/tasks/actions",
    "commits",
)
PROCESSES = ("server_cpu", "worker_cpu", "front_cpu", "postgres_cpu")


def line(one: Figures | Floor | Waits) -> str:
    """One repetition in a line."""
    match one:
        case Figures():
            cells = [f"{one.backend} {one.repetition + 1} {one.contestant:10}", *_cells([one])]
        case Floor():
            cells = [f"floor {one.repetition + 1} {one.name:18}", *_floor_cells([one])]
        case Waits():
            cells = [f"USSD {one.repetition + 1} {one.contestant:10}", *_waits_cells([one])]
    return " | ".join(cells)


def tables(report: Report) -> Iterator[Table]:
    """Medians of all repetitions, what ours is of each other, the floors, how long callers waited."""
    yield _contestants(report)
    if report.floors:
        yield _floors(report)
    if report.ussd:
        yield _ussd(report)


def _contestants(report: Report) -> Table:
    shown = Table("", *COLUMNS)
    for backend in dict.fromkeys(run.backend for run in report.runs):
        runs = [run for run in report.runs if run.backend == backend]
        for contestant in dict.fromkeys(run.contestant for run in runs):
            shown.add_row(
                f"{contestant}, {backend}", *_cells([run for run in runs if run.contestant == contestant])
            )
    for against, ratio in _named(report):
        shown.add_row(f"ours {against}", *_ratio_cells(ratio))
    return shown


def _named(report: Report) -> Iterator[tuple[str, Ratios | PeerRatios]]:
    for backend in ("", "file", "postgres"):
        ratios: dict[str, Any] = getattr(report, f"{backend}_ratios" if backend else "ratios")
        for against, ratio in ratios.items():
            if isinstance(ratio, Ratios):
                yield f"{against}, {backend or 'memory'}", ratio
    yield from report.peer_ratios.items()


def _floors(report: Report) -> Table:
    shown = Table("floor", "calls/s", "p50/95/99 ms", "CPU ms: server/worker, load", "events/tasks")
    for name in dict.fromkeys(floor.name for floor in report.floors):
        shown.add_row(name, *_floor_cells([floor for floor in report.floors if floor.name == name]))
    return shown


def _ussd(report: Report) -> Table:
    shown = Table("USSD", "p50/95/99 ms", "longest", "beyond 4 s", "safe text")
    for name in dict.fromkeys(run.contestant for run in report.ussd):
        shown.add_row(name, *_waits_cells([run for run in report.ussd if run.contestant == name]))
    ratio = report.ratios.get("ussd_p99_vs_floor")
    if isinstance(ratio, Ratio):
        shown.add_row("ours by least, p99", shown_ratio(ratio))
    return shown


def _cells(runs: Sequence[Figures]) -> list[str]:
    return [
        median(runs, "conversations_per_second"),
        median(runs, "turn_p50", "turn_p95", "turn_p99"),
        median(runs, "closed_turn_p50", "closed_turn_p95", "closed_turn_p99"),
        f"{median(runs, *PROCESSES)}, {median(runs, 'load_cpu')}",
        median(runs, "events", "workflow_tasks", "actions"),
        median(runs, "commits"),
    ]


def _floor_cells(floors: Sequence[Floor]) -> list[str]:
    return [
        median(floors, "per_second"),
        median(floors, "each_p50", "each_p95", "each_p99"),
        f"{median(floors, 'server_cpu', 'worker_cpu')}, {median(floors, 'load_cpu')}",
        median(floors, "events", "workflow_tasks"),
    ]


def _waits_cells(runs: Sequence[Waits]) -> list[str]:
    return [
        median(runs, "p50", "p95", "p99"),
        f"{max(run.longest for run in runs):g}",
        str(sum(run.beyond_cap for run in runs)),
        str(sum(run.safe for run in runs)),
    ]


def _ratio_cells(ratios: Ratios | PeerRatios) -> list[str]:
    speed, p95 = shown_ratio(ratios.conversations_per_second), f"p95 {shown_ratio(ratios.turn_p95)}"
    if isinstance(ratios, PeerRatios):
        return [speed, p95, "", f"all {shown_ratio(ratios.cpu)}"]
    return [
        speed,
        p95,
        "",
        f"server {shown_ratio(ratios.server_cpu)}",
        f"events {shown_ratio(ratios.events)}",
    ]


def median(runs: Sequence[Message], *names: str) -> str:
    """The medians of these figures, as `1/2/3`."""
    return "/".join(f"{statistics.median(getattr(run, name) for run in runs):.4g}" for name in names)


def shown_ratio(ratio: Ratio) -> str:
    """A median with its spread, for a console."""
    low, high = ratio.spread
    return f"{ratio.median:g} \\[{low:g} to {high:g}]"
