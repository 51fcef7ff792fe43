"""How many tasks a worker walks at a time, and whose."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import FixedSizeSlotSupplier, UnsandboxedWorkflowRunner, Worker, WorkerTuner

from wiring.embedded.temporal import Temporal
from wiring.slots import Pool, WorkflowSlots

RUNS = 6
HELD, NOT_HELD = 6, 2


class Crowd:
    """So many are there at a time."""

    def __init__(self) -> None:
        self.now = self.most = 0

    @activity.defn(name="enter")
    async def enter(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.3)
        self.now -= 1

    def counted(self) -> int:
        """The most since it was asked last."""
        most, self.most = self.most, 0
        return most


@workflow.defn(sandboxed=False)
class Twice:
    """Enters at its start, and once more when it is told to."""

    def __init__(self) -> None:
        self.again = False

    @workflow.run
    async def run(self) -> None:
        await self._enter()
        await workflow.wait_condition(lambda: self.again)
        await self._enter()

    @workflow.signal
    def go(self) -> None:
        self.again = True

    async def _enter(self) -> None:
        await workflow.execute_local_activity("enter", start_to_close_timeout=timedelta(seconds=5))


async def held_to_their_end(client: Client, crowd: Crowd) -> tuple[int, int]:
    """The most tasks at a time: of runs that are new to the worker, and of runs that it holds."""
    starts = (client.start_workflow(Twice.run, id=f"slot-{n}", task_queue="slots") for n in range(RUNS))
    handles = await asyncio.gather(*starts)
    async with asyncio.timeout(20):
        while crowd.now or any([not await begun(one.id, client) for one in handles]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    new = crowd.counted()
    await asyncio.gather(*(handle.signal(Twice.go) for handle in handles))
    await asyncio.gather(*(handle.result() for handle in handles))
    return new, crowd.counted()


async def begun(id: str, client: Client) -> bool:
    """Whether a run's first task is done."""
    return (await client.get_workflow_handle(id).describe()).history_length > 3


@pytest.mark.real
async def test_few_tasks_of_runs_that_it_does_not_hold_are_walked_at_a_time(temporal: Temporal) -> None:
    client, crowd, others = await Client.connect(temporal.address), Crowd(), FixedSizeSlotSupplier(RUNS)
    tuner = WorkerTuner.create_composite(
        workflow_supplier=WorkflowSlots(HELD, NOT_HELD), activity_supplier=others,
        local_activity_supplier=others, nexus_supplier=others,
    )  # fmt: skip
    async with Worker(
        client, task_queue="slots", workflows=[Twice], activities=[crowd.enter], tuner=tuner,
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):  # fmt: skip
        new, held = await held_to_their_end(client, crowd)
    assert new == NOT_HELD
    assert NOT_HELD < held <= HELD


async def test_who_waits_for_a_permit_gets_what_another_thread_gives_back() -> None:
    pool = Pool(1)
    first = await pool.take()
    assert pool.take_now() is None
    waiting = [asyncio.create_task(pool.take()) for _ in range(2)]
    await asyncio.sleep(0)
    for _ in waiting:
        await asyncio.to_thread(first.pool.give_back)
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert pool.take_now() is None
