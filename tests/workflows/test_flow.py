"""The workflow on a real Temporal server and PostgreSQL."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from dsl.limits import Limits
from dsl.messages import CONTROL, Control
from store.database import Database
from tests.waiting import until
from tests.workflows.stage import Stage
from tests.workflows.test_walk import LEAD
from tests.workflows.world import flow

pytestmark = pytest.mark.real

SAID = [
    "What is your name?",
    "What is your email address?",
    "That does not look like an e-mail address. Please try again.",
    "Thank you, John! We will contact you at john@example.com.",
]


async def converse(stage: Stage, handle: WorkflowHandle[Any, Any]) -> None:
    """Lead capture, as S1 traces it."""
    for count, text in enumerate(["John", "nonsense", "john@example.com"], start=1):
        await stage.until_said(count)
        await stage.say(handle, text)
    await handle.result()


async def until_recorded(stage: Stage) -> None:
    """The first flush has landed."""
    for _ in range(500):
        if await stage.execution():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no execution was recorded")


async def events(handle: WorkflowHandle[Any, Any]) -> Counter[str]:
    """How many events of each kind the run's history has."""
    return Counter([EventType.Name(event.event_type) async for event in handle.fetch_history_events()])


async def test_lead_capture_is_one_workflow_task_a_turn(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await converse(stage, handle)
    assert stage.chatwoot.said("77") == SAID
    assert (await stage.execution())["status"] == "completed"
    counted = await events(handle)
    assert counted["EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"] == 0
    assert counted["EVENT_TYPE_WORKFLOW_TASK_COMPLETED"] == 4


MODES = {
    "every executor an ordinary activity": Limits(fast=False),
    "continued as new after every step": Limits(every_steps=1),
    "both": Limits(fast=False, every_steps=1),
}


@pytest.mark.parametrize("limits", MODES.values(), ids=MODES)
async def test_the_conversation_and_its_record_are_the_same_in_every_mode(
    stage: Stage, limits: Limits
) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD, limits=limits)
        await converse(stage, handle)
    assert stage.chatwoot.said("77") == SAID
    found = await stage.execution()
    assert found["status"] == "completed"
    assert found["context"]["variables"] == {"user_name": "John", "user_email": "john@example.com"}
    assert [(node, phase, exit) for _, node, phase, exit in await stage.history()] == [
        ("start-1", "done", "next"),
        ("question-name", "waiting", None),
        ("question-name", "done", "answer"),
        ("question-email", "waiting", None),
        ("question-email", "waiting", None),
        ("question-email", "done", "answer"),
        ("message-thanks", "done", "next"),
        ("end-1", "done", None),
    ]


async def test_the_walk_runs_in_the_sandbox_with_dsl_alone_passed_through(stage: Stage) -> None:
    restrictions = SandboxRestrictions.default.with_passthrough_modules("dsl")
    async with stage.worker(SandboxedWorkflowRunner(restrictions=restrictions)):
        handle = await stage.start(LEAD)
        await converse(stage, handle)
    assert stage.chatwoot.said("77") == SAID


async def test_the_web_ui_tells_what_is_awaited_and_which_nodes_were_left_last(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await stage.say(handle, "John")
        await stage.until_said(2)
        told = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        await handle.terminate()
    first, _, *nodes = told.current_details.splitlines()
    assert first.startswith("**waiting_input** at `question-email` for email until 20")
    assert [node.rpartition(" → ")[2] for node in nodes] == ["next", "answer"]
    assert "John" not in told.current_details


async def test_another_worker_goes_on_where_the_first_one_stopped(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await stage.say(handle, "John")
        await stage.until_said(2)
    await stage.say(handle, "john@example.com")
    async with stage.worker():
        await handle.result()
    assert stage.chatwoot.said("77") == [*SAID[:2], SAID[3]]


async def test_the_history_replays(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await converse(stage, handle)
    await stage.replay(handle)


async def test_inputs_are_consumed_in_the_inbox_with_their_fate(stage: Stage, db: Database) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await converse(stage, handle)
    rows = await db.fetch(
        "SELECT seq, state, how FROM inbound_events WHERE workspace_id = $1 ORDER BY seq", "default"
    )
    assert [tuple(row) for row in rows] == [(n, "consumed", "answer") for n in (1, 2, 3)]


QUICK = flow(
    [
        {"id": "q", "type": "question", "config": {"text": "?", "saveTo": "x", "timeout": "1s"}},
        {"id": "in-time", "type": "message", "config": {"text": "Thank you"}},
        {"id": "late", "type": "message", "config": {"text": "You ran out of time"}},
        {"id": "e", "type": "end"},
    ],
    [("q", "in-time"), ("q", "timeout", "late"), ("in-time", "e"), ("late", "e")],
)


async def test_a_deadline_passes_and_the_flow_leaves_by_timeout(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(QUICK)
        await handle.result()
    assert stage.chatwoot.said("77") == ["?", "You ran out of time"]


async def test_an_answer_accepted_in_time_but_delivered_too_late_still_counts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.worker():
        handle = await stage.start(QUICK)
        await stage.until_said(1)

        async def lost(*_: object) -> None:
            """The signal does not reach the run; the row is in its lane."""

        monkeypatch.setattr(stage, "deliver", lost)
        await stage.say(handle, "here I am")
        await handle.result()
    assert stage.chatwoot.said("77") == ["?", "Thank you"]


async def test_a_cancelled_execution_is_recorded_as_cancelled(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert (await stage.execution())["status"] == "cancelled"


async def command(handle: WorkflowHandle[Any, Any], name: str) -> None:
    await handle.execute_update(CONTROL, Control.model_validate({"command": name}))


async def test_a_paused_run_hears_nothing_until_it_is_resumed(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await command(handle, "pause")
        await stage.until_status("paused")
        await stage.say(handle, "John")
        await stage.say(handle, "john@example.com")
        await until_signals(handle, 2)
        assert stage.chatwoot.said("77") == SAID[:1]
        await command(handle, "resume")
        await handle.result()
    assert stage.chatwoot.said("77") == [*SAID[:2], SAID[3]]
    assert (await stage.execution())["status"] == "completed"


async def until_signals(handle: WorkflowHandle[Any, Any], count: int) -> None:
    """So many signals are in the history, and a workflow task has seen them."""
    for _ in range(500):
        names = [EventType.Name(event.event_type) async for event in handle.fetch_history_events()]
        signals = [at for at, name in enumerate(names) if name.endswith("WORKFLOW_EXECUTION_SIGNALED")]
        if len(signals) >= count and "EVENT_TYPE_WORKFLOW_TASK_COMPLETED" in names[signals[-1] :]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"there are not {count} signals")


async def test_a_paused_run_is_still_paused_after_continue_as_new(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await command(handle, "checkpoint")
        await command(handle, "pause")
        await stage.say(handle, "John")
        await stage.until_status("paused")
        await command(handle, "checkpoint")
        await command(handle, "resume")
        await stage.until_said(2)
        await stage.say(handle, "john@example.com")
        await handle.result()
    assert stage.chatwoot.said("77") == [*SAID[:2], SAID[3]]


async def test_a_checkpoint_continues_as_new_at_once_and_changes_nothing(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await command(handle, "checkpoint")
        await stage.say(handle, "John")
        await stage.until_said(2)
        await stage.say(handle, "john@example.com")
        await handle.result()
    first = stage.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    assert (await events(first))["EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW"] == 1
    assert stage.chatwoot.said("77") == [*SAID[:2], SAID[3]]


async def test_a_command_nobody_knows_is_refused_and_the_run_goes_on(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(CONTROL, {"command": "dance"})
        await converse(stage, handle)
    assert (await stage.execution())["status"] == "completed"


async def test_an_absent_plan_fails_the_execution_with_its_code(stage: Stage) -> None:
    handle = await stage.start(LEAD | {"id": "gone"})
    stage.plans.clear()  # before any worker could have read it
    async with stage.worker():
        await asyncio.wait_for(handle.result(), 20)
    found = await stage.execution()
    assert (found["status"], found["error"]["code"]) == ("failed", "PLAN_MISSING")


async def test_a_signal_that_cannot_be_read_does_not_stop_the_run(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        await handle.signal("deliver", {"not": "a list"})
        await handle.signal("deliver", [{"neither": "an input"}])
        await stage.say(handle, "John")
        assert (await stage.until_said(2))[-1] == "What is your email address?"
        await handle.terminate()


async def test_an_execution_recorded_under_another_first_run_ends_at_once(stage: Stage, db: Database) -> None:
    async with stage.worker():
        handle = await stage.start(LEAD)
        await until_recorded(stage)
        await db.execute(
            "UPDATE executions SET first_run_id = 'another' WHERE workspace_id = $1 AND id = $2",
            *("default", stage.scene.execution_id),
        )
        await stage.say(handle, "John")
        await asyncio.wait_for(handle.result(), 20)
    assert (await stage.execution())["status"] == "waiting_input"


async def test_until_gives_up_within_its_bound() -> None:
    with pytest.raises(AssertionError, match="waited"):
        await until(lambda: False, "nothing", seconds=0.05)


async def test_nothing_that_is_set_is_lost_while_the_run_continues_as_new(stage: Stage) -> None:
    given = {f"v{place}": place for place in range(15)}
    async with stage.worker():
        handle = await stage.start(LEAD)
        await stage.until_said(1)
        for place, (name, value) in enumerate(given.items()):
            again = asyncio.create_task(command(handle, "checkpoint"))
            await asyncio.sleep(0.002 * place)
            await handle.execute_update(CONTROL, Control(command="set", values={name: value}))
            await again
        await converse(stage, handle)
    kept = (await stage.execution())["context"]["variables"]
    assert {name: kept.get(name) for name in given} == given
