"""The ramp for people."""

from rich.table import Table

from bench.knee.figures import Knee, Step, kept_up


def table(made: Knee) -> Table:
    """A row for each step, then the steady loads."""
    shown = Table(
        "offered/s", "accepted/s", "p50/95/99/99.9 ms", "longest", "beyond 5 s", "refused", "turns behind",
        "CPU ms: server/PostgreSQL/API/worker",
    )  # fmt: skip
    for step in made.ramp:
        shown.add_row(f"{step.offered:g}{'' if kept_up(step) else ' *'}", *_cells(step))
    shown.add_row(f"70 %: {made.at_70_percent.offered:g}", *_cells(made.at_70_percent))
    shown.add_row(f"database +{made.slow_ms:g} ms", *_cells(made.slow_database))
    shown.caption = (
        f"knee {made.knee:g} messages/s, at most {made.accepted_at_most:g}/s accepted; * not kept up with"
    )
    return shown


def _cells(step: Step) -> list[str]:
    waits = "/".join(f"{one:.0f}" for one in (step.p50, step.p95, step.p99, step.p999))
    cpu = "/".join(f"{step.cpu.get(name, 0):g}" for name in ("server", "postgres", "api", "worker"))
    counts = (str(step.beyond_limit), str(step.refused), f"{100 * step.turns_behind:.0f} %")
    return [f"{step.accepted:g}", waits, f"{step.longest:.0f}", *counts, cpu]
