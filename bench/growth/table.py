"""The figures of growth for people: a table for each part that was measured."""

from collections.abc import Iterator

from rich.table import Table

from bench.growth.figures import Growth, Looped, Replayed, Shape, Sized, Spread, Turn, Waiting

MIB = 1 << 20


def tables(made: Growth) -> Iterator[Table]:
    """Those parts that were asked for."""
    if made.sizes:
        yield _sizes(made.sizes)
    if made.turns:
        yield _turns("turns before", made.turns.turns, made.turns.ratios)
    if made.replay:
        yield _replay(made.replay)
    if made.shapes:
        yield _shapes(made.shapes)
    if made.waiting:
        yield _waiting(made.waiting)
    if made.loops:
        yield _loops(made.loops)


def _sizes(made: Sized) -> Table:
    shown = _turns("nodes", made.turns, made.ratios)
    shown.caption = "; ".join(
        f"{nodes} nodes compile in {seconds:g} s to {made.plan_bytes[nodes]:,} bytes"
        for nodes, seconds in made.compile_seconds.items()
    )
    return shown


def _turns(of: str, turns: dict[str, Turn], ratios: dict[str, Turn]) -> Table:
    shown = Table(of, "a turn, ms", "worker CPU, ms", "turn ÷ first", "CPU ÷ first")
    for name, cost in turns.items():
        ratio = ratios.get(name)
        cells = [_shown(ratio.latency), _shown(ratio.worker_cpu)] if ratio else ["", ""]
        shown.add_row(name, _shown(cost.latency), _shown(cost.worker_cpu), *cells)
    return shown


def _replay(made: Replayed) -> Table:
    shown = Table("turns since the run began", "a turn whose run was let go, ms")
    shown.add_row("any, not let go", _shown(made.warm))
    for gone, cost in made.cold.items():
        shown.add_row(gone, _shown(cost))
    return shown


def _shapes(made: dict[str, Shape]) -> Table:
    shown = Table("workers", "conversations/s", "start, ms", "server CPU, ms", "own CPU, ms", "eager")
    for name, shape in made.items():
        costs = (shape.conversations_per_second, shape.start_ms, shape.server_cpu, shape.own_cpu)
        shown.add_row(name, *map(_shown, costs), "yes" if shape.eager else "no")
    return shown


def _waiting(made: Waiting) -> Table:
    shown = Table("waiting", "worker MiB", "Temporal MiB")
    for one in made.samples:
        shown.add_row(f"{one.waiting:,}", f"{one.worker / MIB:.0f}", f"{one.server / MIB:.0f}")
    shown.caption = "; ".join(_each(made))
    return shown


def _each(made: Waiting) -> Iterator[str]:
    yield f"each: worker {made.worker_bytes_each:,.0f} B"
    yield f"beyond its cache {made.worker_bytes_each_beyond:,.0f} B"
    yield f"Temporal {made.server_bytes_each:,.0f} B of memory"
    if made.temporal_bytes_each is not None:
        yield f"{made.temporal_bytes_each:,.0f} B of its disk"
    yield f"our database {made.postgres_bytes_each:,.0f} B"
    yield f"worker stops in {made.stop_seconds:g} s, starts in {made.restart_seconds:g} s"
    yield f"its first turn {made.first_turn_ms:g} ms, later ones {_shown(made.later_turns_ms)} ms"


def _loops(made: dict[str, Looped]) -> Table:
    shown = Table("loop", "seconds", "worker CPU s", "effects", "runs", "events", "tasks", "longest task s")
    for name, loop in made.items():
        costs = (loop.seconds, loop.worker_cpu_seconds, loop.effects, loop.runs, loop.events)
        shown.add_row(name, *map(str, costs), str(loop.workflow_tasks), f"{loop.longest_task_seconds:g}")
    return shown


def _shown(one: Spread) -> str:
    return f"{one.median:g} \\[{one.least:g} to {one.most:g}]"
