"""One contestant, one repetition: closed loop, open loop, and what they cost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.figures import Backend, Figures, percentile
from bench.load import Load
from bench.servers import cpu_seconds
from store.database import Database

TRANSACTIONS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


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


async def measured(
    runner: Runner, load: Load, client: Client, size: Size, backend: Backend, repetition: int
) -> Figures:
    """The figures of a repetition."""
    before = {role: cpu_seconds(pid) for role, pid in runner.pids.items()}
    transactions = await runner.db.fetchval(TRANSACTIONS)
    speed, last = await load.closed(runner.front, size.closed)
    used = {role: 1000 * (cpu_seconds(pid) - before[role]) / size.closed for role, pid in runner.pids.items()}
    commits = (await runner.db.fetchval(TRANSACTIONS) - transactions) / size.closed
    turns = await load.open(runner.front, size.open)
    events = await counted(client, runner.workflow.format(last.id))
    return Figures(
        contestant=runner.name,
        backend=backend,
        repetition=repetition,
        conversations_per_second=round(speed, 2),
        turn_p50=percentile(turns, 0.50),
        turn_p95=percentile(turns, 0.95),
        turn_p99=percentile(turns, 0.99),
        server_cpu=round(used["server"], 1),
        worker_cpu=round(used["worker"], 1),
        front_cpu=round(used["front"], 1),
        postgres_cpu=round(used["postgres"], 1),
        transactions=round(commits, 1),
        events=events.total(),
        workflow_tasks=events["WORKFLOW_TASK_COMPLETED"],
        actions=actions_of(events),
    )


async def counted(client: Client, workflow_id: str) -> Counter[str]:
    """How many events of each kind a conversation's history has when it has ended."""
    handle = client.get_workflow_handle(workflow_id)
    return Counter([_kind(event) async for event in handle.fetch_history_events(wait_new_event=True)])


def _kind(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def actions_of(events: Counter[str]) -> int:
    """Local activities count once for each task that carries them."""
    billed = ("WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "TIMER_STARTED")
    tasks = min(events["WORKFLOW_TASK_COMPLETED"], events["MARKER_RECORDED"])
    return sum(events[kind] for kind in billed) + events["ACTIVITY_TASK_SCHEDULED"] + tasks
