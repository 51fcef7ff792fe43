"""The figures for people."""

import statistics

from rich.table import Table

from bench.figures import Figures, Ratio, Ratios, Report

COLUMNS = (
    "conversations/s",
    "turn p50/95/99 ms",
    "CPU ms: server/worker/front/PostgreSQL",
    "events/tasks/actions",
)


def line(run: Figures) -> str:
    """One repetition in a line."""
    return " | ".join([f"{run.backend} {run.repetition + 1} {run.contestant:9}", *_cells([run])])


def table(report: Report) -> Table:
    """Medians of all repetitions, then what ours is of each other."""
    shown = Table("", *COLUMNS, "transactions")
    for backend, ratios in (("memory", report.ratios), ("file", report.file_ratios)):
        runs = [run for run in report.runs if run.backend == backend]
        for contestant in dict.fromkeys(run.contestant for run in runs):
            mine = [run for run in runs if run.contestant == contestant]
            commits = statistics.median(run.transactions for run in mine)
            shown.add_row(f"{contestant}, {backend}", *_cells(mine), f"{commits:.1f}")
        for against, ratio in ratios.items():
            shown.add_row(f"ours {against}", *_ratio_cells(ratio), "")
    return shown


def _cells(runs: list[Figures]) -> list[str]:
    def median(*names: str) -> str:
        return "/".join(f"{statistics.median(getattr(run, name) for run in runs):g}" for name in names)

    return [
        median("conversations_per_second"),
        median("turn_p50", "turn_p95", "turn_p99"),
        median("server_cpu", "worker_cpu", "front_cpu", "postgres_cpu"),
        median("events", "workflow_tasks", "actions"),
    ]


def _ratio_cells(ratios: Ratios) -> list[str]:
    return [
        _shown(ratios.conversations_per_second),
        f"p95 {_shown(ratios.turn_p95)}",
        f"server {_shown(ratios.server_cpu)}",
        f"events {_shown(ratios.events)}",
    ]


def _shown(ratio: Ratio) -> str:
    low, high = ratio.spread
    return f"{ratio.median:g} \\[{low:g} to {high:g}]"
