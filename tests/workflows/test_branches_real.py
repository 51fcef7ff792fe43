"""Branches on a real server: slow calls beside a question, and a worker that goes and comes back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from dsl.limits import Limits
from dsl.messages import CONTROL, Control
from providers.chatwoot.memory import MemoryChatwoot
from tests.waiting import until
from tests.workflows.histories import history_of, ordinary
from tests.workflows.stage import CONVERSATION, Handle, Stage
from tests.workflows.world import flow

pytestmark = pytest.mark.real

SLOW = flow(
    [
        {"id": "m", "type": "message", "config": {"text": "Welcome"}},
        {"id": "P", "type": "parallel", "config": {"branches": ["ask", "one", "two"]}},
        {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "name", "timeout": "1h"}},
        {"id": "h", "type": "message", "config": {"text": "Hello {{name}}"}},
        {"id": "a", "type": "add_label", "config": {"labels": ["a"]}},
        {"id": "b", "type": "add_label", "config": {"labels": ["b"]}},
        {"id": "c", "type": "add_label", "config": {"labels": ["c"]}},
        {"id": "t", "type": "message", "config": {"text": "Goodbye"}},
        {"id": "z", "type": "message", "config": {"text": "Bye"}},
        {"id": "e", "type": "end"},
    ],
    [("m", "P"), ("P", "ask", "q"), ("q", "h"), ("q", "timeout", "h"), ("h", "P"), ("P", "one", "a"),
     ("a", "b"), ("b", "P"), ("P", "two", "c"), ("c", "P"), ("P", "joined", "t"), ("t", "z"), ("z", "e")],
)  # fmt: skip
SAID = ["Welcome", "Name?", "Hello Asha", "Goodbye", "Bye"]
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
LINES = ["P", "P", "P", "P", "a", "b", "c", "e", "h", "m", "q", "q", "start", "t", "z"]


class Slow(MemoryChatwoot):
    """Its labels take their time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def add_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        self.asked += labels
        await asyncio.sleep(1)
        return await super().add_labels(conversation, labels)


@pytest.mark.parametrize(
    ("cached", "limits"), [(1, Limits()), (0, Limits(fast=False))], ids=["fast", "without a cache"]
)
async def test_a_worker_that_goes_while_branches_call_and_ask_does_all_once_and_in_order(
    stage: Stage, cached: int, limits: Limits
) -> None:
    chatwoot = stage.chatwoot = Slow()
    handle = await stage.start(SLOW, limits=limits)
    async with stage.worker(cached=cached):
        await stage.until_said(2)
        await until(lambda: len(chatwoot.asked) >= 2, "two calls under way")
    await stage.say(handle, "Asha")
    async with stage.worker(cached=cached):
        await handle.execute_update(CONTROL, Control(command="checkpoint"))
        await asyncio.wait_for(handle.result(), 40)
    assert chatwoot.said(CONVERSATION) == SAID
    assert (sorted(chatwoot.asked), await told(stage)) == (["a", "b", "c"], {("done", 1): 8})
    assert (await stage.execution())["status"] == "completed"
    history = await stage.history()
    assert [seq for seq, *_ in history] == list(range(1, len(history) + 1))
    assert sorted(node for _, node, _, _ in history) == LINES
    last = await history_of(stage.client.get_workflow_handle(handle.id))
    assert ("send_message", "t#1.1") in ordinary(last), "it commits how the branches met (2.2)"
    assert (("send_message", "z#1.1") in ordinary(last)) is not limits.fast
    assert last[0].workflow_execution_started_event_attributes.continued_execution_run_id


async def test_a_cancellation_that_comes_before_a_run_continues_as_new_is_honoured_in_it(
    stage: Stage,
) -> None:
    chatwoot = stage.chatwoot = Slow()
    handle = await stage.start(SLOW)
    async with stage.worker():
        await stage.until_said(2)
        await until(lambda: len(chatwoot.asked) >= 2, "two calls under way")
        await handle.execute_update(CONTROL, Control(command="checkpoint"))
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 40)
    assert (await stage.execution())["status"] == "cancelled"
    assert chatwoot.said(CONVERSATION) == SAID[:2]
    assert sorted(chatwoot.asked) == ["a", "c"]


async def told(stage: Stage) -> dict[tuple[str, int], int]:
    """How many rows of the ledger there are of each state and try."""
    rows: list[Any] = await stage.db.fetch("SELECT state, n, count(*) AS rows FROM effects GROUP BY state, n")
    return {(row["state"], row["n"]): row["rows"] for row in rows}


async def test_what_an_operator_fails_by_hand_ends_unknown_in_a_branch_and_outside(stage: Stage) -> None:
    over = asyncio.Event()

    class Silent(MemoryChatwoot):
        async def add_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
            await over.wait()
            return await super().add_labels(conversation, labels)

    label = {"type": "add_label"}
    document = flow(
        [
            {"id": "P", "type": "parallel", "config": {"branches": ["one"], "onFailure": "continue"}},
            {**label, "id": "a", "config": {"labels": ["a"]}},
            {**label, "id": "b", "config": {"labels": ["b"]}},
            {"id": "e", "type": "end"},
        ],
        [("P", "one", "a"), ("a", "P"), ("P", "joined", "b"), ("b", "e"), ("b", "unknown", "e")],
    )
    stage.chatwoot = Silent()
    handle = await stage.start(document, limits=Limits(fast=False))
    async with stage.worker():
        for node in ("a", "b"):
            await _fail(stage, handle, f"{node}#1.1")
        await stage.until_status("completed")
        over.set()
    exits = [(node, exit) for _, node, phase, exit in await stage.history() if phase == "done"]
    assert exits[-2:] == [("b", "unknown"), ("e", None)]


async def _fail(stage: Stage, handle: Handle, activity: str) -> None:
    """As `temporal activity fail` does it, once it is there."""
    async with asyncio.timeout(20):
        while True:
            pending = (await handle.describe()).raw_description.pending_activities
            if any((one.activity_id, one.state) == (activity, STARTED) for one in pending):
                break
            await asyncio.sleep(0.05)
    given_up = stage.client.get_async_activity_handle(
        workflow_id=handle.id, run_id=None, activity_id=activity
    )
    await given_up.fail(ApplicationError("by hand", non_retryable=True))
