"""One contestant, one repetition: closed loop, open loop, and what they cost."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.contact import Talk
from bench.figures import Backend, Figures, percentile
from bench.load import Load
from bench.servers import cpu_seconds
from store.database import Database

COUNTED = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS commits, xact_commit AS transactions,
       pg_database_size(current_database()) AS bytes
FROM pg_stat_database WHERE datname = current_database()
"""
"""Every transaction that writes takes a number of the whole server, and nobody else writes meanwhile."""


@dataclass(frozen=True)
class Runner:
    """A contestant that runs: where its front listens, its processes, its database."""

    name: str
    front: str
    pids: Mapping[str, int]
    """By role: server, worker, front, postgres."""
    workflow: str
    db: Database


@dataclass(frozen=True)
class Size:
    """How many conversations a repetition has, in each loop."""

    closed: int
    open: int
    repetitions: int


@dataclass(frozen=True)
class Marks:
    """What has been used so far: seconds of processor by role, and PostgreSQL's counts."""

    cpu: Mapping[str, float]
    counts: Mapping[str, int]


class History(NamedTuple):
    """What a workflow has left in Temporal: its events by kind, and their bytes."""

    events: Counter[str]
    bytes: int


async def measured(
    runner: Runner, load: Load, client: Client, size: Size, backend: Backend, repetition: int
) -> Figures:
    """The figures of a repetition."""
    async with _no_vacuum(runner.db):
        before, mine = await _marks(runner), time.process_time()
        speed, talks = await load.closed(runner.front, size.closed)
        mine, used = time.process_time() - mine, cpu_of(runner)
        history = await _left(runner, client, talks[-1])
        writing = await _marks(runner)
    turns = await load.open(runner.front, size.open)
    after = await _marks(runner)
    spent = {role: round(1000 * (used[role] - before.cpu[role]) / size.closed, 1) for role in used}
    waited = [turn for talk in talks for turn in talk.turns]

    def each(count: str, until: Marks, conversations: int) -> float:
        return round((until.counts[count] - before.counts[count]) / conversations, 1)

    return Figures(
        contestant=runner.name,
        backend=backend,
        repetition=repetition,
        conversations_per_second=round(speed, 2),
        turn_p50=percentile(turns, 0.50),
        turn_p95=percentile(turns, 0.95),
        turn_p99=percentile(turns, 0.99),
        closed_turn_p50=percentile(waited, 0.50),
        closed_turn_p95=percentile(waited, 0.95),
        closed_turn_p99=percentile(waited, 0.99),
        server_cpu=spent.get("server", 0),
        worker_cpu=spent.get("worker", 0),
        front_cpu=spent["front"],
        postgres_cpu=spent["postgres"],
        load_cpu=round(1000 * mine / size.closed, 1),
        transactions=each("transactions", after, size.closed + size.open),
        commits=each("commits", writing, size.closed),
        events=history.events.total(),
        workflow_tasks=history.events["WORKFLOW_TASK_COMPLETED"],
        actions=actions_of(history.events),
        history_bytes=history.bytes,
        postgres_bytes=round(each("bytes", after, size.closed + size.open)),
    )


@asynccontextmanager
async def _no_vacuum(db: Database) -> AsyncIterator[None]:
    """Its transactions are not the contestants'; it comes in between."""
    await db.execute("ALTER SYSTEM SET autovacuum = off")
    await db.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        await db.execute("ALTER SYSTEM RESET autovacuum")
        await db.execute("SELECT pg_reload_conf()")


async def _marks(runner: Runner) -> Marks:
    row = await runner.db.fetchrow(COUNTED)
    assert row is not None
    return Marks(cpu_of(runner), dict(row))


def cpu_of(runner: Runner) -> dict[str, float]:
    """Seconds of processor by role."""
    return {role: cpu_seconds(pid) for role, pid in runner.pids.items()}


async def _left(runner: Runner, client: Client, talk: Talk) -> History:
    if not runner.workflow:  # a contestant without Temporal
        return History(Counter(), 0)
    return await history_of(client, runner.workflow.format(talk.id))


async def history_of(client: Client, workflow_id: str) -> History:
    """What a workflow has left when it has ended; waits for that."""
    handle = client.get_workflow_handle(workflow_id)
    events = Counter([_kind(event) async for event in handle.fetch_history_events(wait_new_event=True)])
    told = (await handle.describe()).raw_description.workflow_execution_info
    return History(events, told.history_size_bytes)


def _kind(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def actions_of(events: Counter[str]) -> int:
    """Local activities count once for each task that carries them."""
    billed = ("WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "TIMER_STARTED")
    tasks = min(events["WORKFLOW_TASK_COMPLETED"], events["MARKER_RECORDED"])
    return sum(events[kind] for kind in billed) + events["ACTIVITY_TASK_SCHEDULED"] + tasks
