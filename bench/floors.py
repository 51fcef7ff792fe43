"""What Temporal itself costs: the least workflow, and the least update that starts one."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from bench.figures import Floor, percentile
from bench.hand.line_workflow import QUEUE, Nothing, Once
from bench.load import IN_FLIGHT
from bench.measure import Runner, cpu_of, history_of

Call = Callable[[Client, str], Awaitable[None]]


async def _started(client: Client, id: str) -> None:
    await client.execute_workflow(Nothing.run, id=id, task_queue=QUEUE)


async def _updated(client: Client, id: str) -> None:
    run: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        Once.run, id=id, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
    )
    await client.execute_update_with_start_workflow(Once.typed, "", start_workflow_operation=run, id=id)


CALLS: Mapping[str, Call] = {"start and complete": _started, "update with start": _updated}


@dataclass(frozen=True)
class Floors:
    """The worker of the least contestant, and how many calls a repetition makes, `IN_FLIGHT` at a time."""

    client: Client
    runner: Runner
    calls: int
    repetitions: int

    async def measured(self) -> AsyncIterator[Floor]:
        """Each floor in turn."""
        for repetition in range(self.repetitions):
            for name, call in CALLS.items():
                yield await self._floor(name, call, repetition)

    async def _floor(self, name: str, call: Call, repetition: int) -> Floor:
        ids = [f"{name}/{repetition}/{number}" for number in range(self.calls)]
        before, mine, began = cpu_of(self.runner), time.process_time(), time.perf_counter()
        seconds = await self._called(call, ids)
        took, mine, after = time.perf_counter() - began, time.process_time() - mine, cpu_of(self.runner)
        used = {role: round(1000 * (after[role] - before[role]) / self.calls, 1) for role in after}
        events = (await history_of(self.client, ids[-1])).events
        return Floor(
            name=name,
            repetition=repetition,
            per_second=round(self.calls / took, 1),
            each_p50=percentile(seconds, 0.50),
            each_p95=percentile(seconds, 0.95),
            each_p99=percentile(seconds, 0.99),
            server_cpu=used["server"],
            worker_cpu=used["worker"],
            load_cpu=round(1000 * mine / self.calls, 1),
            events=events.total(),
            workflow_tasks=events["WORKFLOW_TASK_COMPLETED"],
        )

    async def _called(self, call: Call, ids: Sequence[str]) -> list[float]:
        """The seconds of each call."""
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def one(id: str) -> float:
            async with gate:
                began = time.perf_counter()
                await call(self.client, id)
                return time.perf_counter() - began

        return await asyncio.gather(*map(one, ids))
