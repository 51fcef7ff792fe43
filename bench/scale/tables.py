"""The tables of docs/scale.md, as Markdown."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.growth.figures import Growth, Looped, Shape, Spread, Turn, Waiting
from bench.knee.figures import Knee, Step, kept_up
from bench.restore.drill import Drill
from bench.scale.plan import Plan, Unit, Waits

Rows = Sequence[Sequence[str]]
SIZES = (10_000, 1_000_000, 100_000_000)
GIB = 1 << 30


def of_growth(made: Growth) -> Iterator[tuple[str, str]]:
    """A table for each part that was measured, by its mark."""
    if made.sizes:
        yield "sizes", _turns("nodes", made.sizes.turns, made.sizes.ratios)
    if made.turns:
        yield "turns", _turns("turns before", made.turns.turns, made.turns.ratios)
    if made.replay:
        yield "replay", _replay(made.replay.warm, made.replay.cold)
    if made.shapes:
        yield "shapes", _shapes(made.shapes)
    if made.waiting:
        yield "waiting", _waiting(made.waiting, made.backend)
    if made.loops:
        yield "loops", _loops(made.loops)


def _turns(of: str, turns: Mapping[str, Turn], ratios: Mapping[str, Turn]) -> str:
    head = (of, "a turn, ms", "worker CPU, ms", "turn ÷ first", "CPU ÷ first")
    rows = []
    for name, cost in turns.items():
        ratio = ratios.get(name)
        cells = (shown(ratio.latency), shown(ratio.worker_cpu)) if ratio else ("1", "1")
        rows.append((f"{int(name):,}", shown(cost.latency), shown(cost.worker_cpu), *cells))
    return table(head, rows)


def _replay(warm: Spread, cold: Mapping[str, Spread]) -> str:
    rows = [
        ("any, run held", shown(warm)),
        *((f"{gone}, let go", shown(cost)) for gone, cost in cold.items()),
    ]
    return table(("turns since the run began", "next turn, ms"), rows)


def _shapes(made: Mapping[str, Shape]) -> str:
    head = (
        "",
        "conversations/s",
        "start, ms",
        "Temporal CPU, ms",
        "API + workers CPU, ms",
        "started eagerly",
    )
    rows = []
    for name, shape in made.items():
        costs = (shape.conversations_per_second, shape.start_ms, shape.server_cpu, shape.own_cpu)
        label = "one process" if name == "single" else f"API and {name} worker{'s' * (name != '1')}"
        rows.append((label, *map(shown, costs), "yes" if shape.eager else "no"))
    return table(head, rows)


def _waiting(made: Waiting, backend: str) -> str:
    disk = "–" if made.temporal_bytes_each is None else f"{made.temporal_bytes_each:,.0f} B"  # noqa: RUF001
    rows = [
        ("waiting; Temporal on", f"{made.conversations:,}; {backend}"),
        ("runs that the worker holds", f"{made.cached:,}"),
        ("worker memory each, while its cache fills", f"{made.worker_bytes_each:,.0f} B"),
        ("the same beyond the cache", f"{made.worker_bytes_each_beyond:,.0f} B"),
        ("worker memory at the end", f"{made.samples[-1].worker / (1 << 20):,.0f} MiB"),
        ("Temporal's memory each", f"{made.server_bytes_each:,.0f} B"),
        ("Temporal's disk each", disk),
        ("our database each", f"{made.postgres_bytes_each:,.0f} B"),
        ("started", f"{made.starts_per_second:g}/s"),
        ("worker stops; starts again", f"{made.stop_seconds:g} s; {made.restart_seconds:g} s"),
        ("its first turn; later ones, each of a run it does not know",
         f"{made.first_turn_ms:.0f} ms; {shown(made.later_turns_ms)} ms"),
    ]  # fmt: skip
    return table(("", ""), rows)


def _loops(made: Mapping[str, Looped]) -> str:
    head = ("loop", "time; worker CPU", "effects", "runs", "events", "tasks", "longest task")
    rows = [
        (
            name.removeprefix("looping-"), f"{one.seconds:g} s; {one.worker_cpu_seconds:g} s",
            f"{one.effects:,}",
            str(one.runs), f"{one.events:,}", f"{one.workflow_tasks:,}", f"{one.longest_task_seconds:g} s",
        )
        for name, one in made.items()
    ]  # fmt: skip
    return table(head, rows)


def of_knee(made: Knee) -> str:
    """The ramp, then 70 % of its knee, then that with a slow database."""
    head = (
        "messages/s", "accepted/s", "answered in p50 / 95 / 99 / 99.9 ms", "longest", "beyond 5 s", "refused",
        "turns behind", "CPU ms: Temporal / PostgreSQL / API / worker",
    )  # fmt: skip
    ramp = [_step(f"{step.offered:g}{'' if kept_up(step) else ' (not kept up)'}", step) for step in made.ramp]
    steady = _step(f"**70 % of the knee: {made.at_70_percent.offered:g}**", made.at_70_percent)
    slow = _step(f"**the same, PostgreSQL +{made.slow_ms:g} ms**", made.slow_database)
    return table(head, [*ramp, steady, slow])


def _step(label: str, step: Step) -> tuple[str, ...]:
    waits = " / ".join(f"{one:.0f}" for one in (step.p50, step.p95, step.p99, step.p999))
    cpu = " / ".join(f"{step.cpu.get(name, 0):g}" for name in ("server", "postgres", "api", "worker"))
    counts = (f"{step.longest:.0f}", str(step.beyond_limit), str(step.refused))
    return (label, f"{step.accepted:g}", waits, *counts, f"{100 * step.turns_behind:.0f} %", cpu)


def of_drills(made: Sequence[Drill]) -> str:
    """What a restore came to."""
    head = (
        "workers", "effects at the providers", "of the lost time", "doubled", "unknown", "never made",
        "backup; restore",
    )  # fmt: skip
    rows = [
        (
            "told (`TEMBEA_RESTORED_AT`)" if one.review else "not told", str(one.effects_before),
            str(one.effects_lost), f"**{one.doubled}**", str(one.unknown), str(one.withheld),
            f"{one.backup_seconds:g} s; {one.restore_seconds:g} s",
        )
        for one in made
    ]  # fmt: skip
    return table(head, rows)


def of_costs(unit: Unit, each: Waits) -> str:
    """What the plan is made of."""
    rows = [
        ("Temporal, CPU", f"{unit.server_cpu:.1f} ms"),
        ("worker, CPU", f"{unit.worker_cpu:.1f} ms"),
        ("API, CPU", f"{unit.api_cpu:.1f} ms"),
        ("PostgreSQL, CPU (Temporal's databases too, where they are there)", f"{unit.postgres_cpu:.1f} ms"),
        ("events; workflow tasks; commits", f"{unit.events:.0f}; {unit.tasks:.0f}; {unit.commits:.1f}"),
        ("history; our rows", f"{unit.history_bytes:,.0f} B; {unit.row_bytes:,.0f} B"),
        ("waiting: worker memory; Temporal's disk; our rows",
         f"{each.worker_memory:,.0f} B; {each.temporal_disk:,.0f} B; {each.row_bytes:,.0f} B"),
        ("replay of ten turns", f"{each.replay_ms:.0f} ms"),
    ]  # fmt: skip
    return table(("a conversation of three turns", ""), rows)


def of_plans(plans: Sequence[Plan]) -> str:
    """A column for each size."""
    lines: list[tuple[str, Callable[[Plan], str]]] = [
        ("turns a second at the peak", lambda one: f"{one.turns:,.1f}"),
        ("processors: Temporal", lambda one: cpus(one.server_cpus)),
        ("workers (a process uses one)", lambda one: cpus(one.worker_cpus)),
        ("API", lambda one: cpus(one.api_cpus)),
        ("PostgreSQL", lambda one: cpus(one.postgres_cpus)),
        ("commits a second in our database", lambda one: f"{one.commits:,.0f}"),
        ("writes of runs' states a second in Temporal's", lambda one: f"{one.transitions:,.0f}"),
        ("history shards", lambda one: f"{one.shards:,}"),
        ("partitions of the task queue", lambda one: f"{one.partitions:,}"),
        ("memory for runs that workers hold", lambda one: gib(one.worker_memory)),
        ("Temporal's disk", lambda one: gib(one.temporal_disk)),
        ("our database", lambda one: gib(one.our_disk)),
        ("processors more after all workers were replaced", lambda one: cpus(one.replay_cpus)),
        ("days until each was compared with its provider", lambda one: f"{one.reconciled_days:,.1f}"),
    ]
    head = ("waiting conversations", *(f"{one.waiting:,}" for one in plans))
    return table(head, [(name, *(value(one) for one in plans)) for name, value in lines])


def table(head: Sequence[str], rows: Rows) -> str:
    """As Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def shown(one: Spread) -> str:
    """A median with its least and most."""
    return f"{number(one.median)} [{number(one.least)} to {number(one.most)}]"


def number(value: float) -> str:
    """Three figures or so."""
    return f"{value:.2f}" if value < 3 else f"{value:.1f}" if value < 30 else f"{value:.0f}"


def cpus(value: float) -> str:
    """Of one size of a plan."""
    return "< 0.1" if value < 0.1 else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def gib(size: float) -> str:
    """Bytes for people."""
    return f"{size / GIB:,.2f} GiB" if size < 10 * GIB else f"{size / GIB:,.0f} GiB"
