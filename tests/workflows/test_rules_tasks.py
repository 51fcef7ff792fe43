"""Local activities and the tasks they may be lost with, on a real server (2.1 to 2.3, 2.8 to 2.10)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from temporalio.client import WorkflowFailureError

from activities.base import Action, Tools
from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Outcome
from tests.workflows.histories import (
    counted,
    failed_tasks,
    history_of,
    kept_alive,
    locals_of_each_task,
    ordinary,
    seconds_of_each,
    since,
)
from tests.workflows.stage import Handle, Interrupted, Stage
from tests.workflows.test_flow import QUICK
from tests.workflows.world import flow
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create
from wiring.plans import PlanCache
from wiring.temporal import connect
from worker import executors

pytestmark = pytest.mark.real

END: dict[str, Any] = {"id": "e", "type": "end"}
LATE, THANKS = "You ran out of time", "Thank you"


def told(*texts: str, one_by_one: bool = False) -> dict[str, Any]:
    """A flow that says some texts; `one_by_one`: each outcome is waited for."""
    more = {"onError": {"default": None}} if one_by_one else {}
    ids = [f"m{number}" for number, _ in enumerate(texts)]
    nodes = [
        {"id": id, "type": "message", "config": {"text": text}, **more}
        for id, text in zip(ids, texts, strict=True)
    ]
    return flow([*nodes, END], list(zip(ids, [*ids[1:], "e"], strict=True)))


def asked(*questions: dict[str, Any]) -> dict[str, Any]:
    """A flow of questions one after another; a missed deadline ends it."""
    ids = [f"q{number}" for number, _ in enumerate(questions)]
    nodes = [
        {"id": id, "type": "question", "config": {"saveTo": id, **config}}
        for id, config in zip(ids, questions, strict=True)
    ]
    edges = zip(ids, [*ids[1:], "e"], strict=True)
    late = [(id, "timeout", "e") for id in ids]
    return flow([*nodes, END], [*edges, *late])


def hourly(text: str) -> dict[str, Any]:
    """A question that waits an hour."""
    return {"text": text, "timeout": "1h"}


async def ended(handle: Handle) -> None:
    """The run's end, within bounds."""
    await asyncio.wait_for(handle.result(), 30)


@pytest.mark.parametrize(("accepted", "said"), [("in time", THANKS), ("too late", LATE)])
async def test_a_message_that_comes_while_a_closing_task_is_in_flight_changes_nothing_of_it(
    stage: Stage, accepted: str, said: str
) -> None:
    """The server rejects that task, and it is walked again with a message more."""
    inputs: list[Input] = []

    async def deliver(text: str) -> None:
        if text in (THANKS, LATE) and handle is not None:
            inputs.extend([] if inputs else [await stage.accept("here I am")])
            await stage.deliver(handle, inputs)

    stage.chatwoot, handle = Interrupted(deliver), None
    async with stage.worker():
        handle = await stage.start(QUICK)
        await stage.until_said(1)
        if accepted == "in time":
            inputs.append(await stage.accept("here I am"))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said("77") == ["?", said]
    assert [name for name, _ in ordinary(events)] == ["close_wait"]
    assert "UNHANDLED_COMMAND" in failed_tasks(events)


async def test_a_task_starts_eight_local_activities_and_no_more(stage: Stage) -> None:
    texts = [f"{number}" for number in range(12)]
    async with stage.worker():
        handle = await stage.start(told(*texts, one_by_one=True))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said("77") == texts
    assert locals_of_each_task(events)[0] == 8
    assert [name for name, _ in ordinary(events)] == ["perform"]


async def test_a_task_starts_no_local_activity_after_one_second_of_them(stage: Stage) -> None:
    async def slowly(_: str) -> None:
        await asyncio.sleep(0.55)

    stage.chatwoot = Interrupted(slowly)
    async with stage.worker():
        handle = await stage.start(told("a", "b", "c", one_by_one=True))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said("77") == ["a", "b", "c"]
    assert locals_of_each_task(events)[0] <= 2
    assert [name for name, _ in ordinary(events)] == ["perform"]


async def test_a_task_that_is_kept_alive_meanwhile_begins_no_new_share(stage: Stage) -> None:
    """The server is told in time that the task goes on; of that a replay knows nothing."""

    async def slowly(text: str) -> None:
        await asyncio.sleep(0.9 if text == "a" else 0.3)

    stage.chatwoot = Interrupted(slowly)
    async with stage.worker():
        handle = await stage.start(told("a", "b", "c", one_by_one=True), task_timeout=timedelta(seconds=1))
        await ended(handle)
    assert counted(await history_of(handle))["WORKFLOW_TASK_COMPLETED"] > 2
    await stage.replay(handle)


async def test_a_local_activity_that_hangs_is_cut_and_goes_on_as_an_ordinary_one(stage: Stage) -> None:
    async with stage.worker():
        async with stage.db.transaction() as holder:
            await holder.execute("LOCK TABLE effects IN ACCESS EXCLUSIVE MODE")
            handle = await stage.start(told("hello"))
            async with asyncio.timeout(20):
                while not ordinary(await history_of(handle)):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        await ended(handle)
    assert stage.chatwoot.said("77") == ["hello"]
    events = await history_of(handle)
    assert [name for name, _ in ordinary(events)] == ["perform"]
    assert seconds_of_each(events) == [30], "an attempt that no worker got must not cost a minute"


class Large(Action):
    """Stands in for `api`: comes to nearly as much as a result may be."""

    exits: ClassVar[tuple[str, ...]] = ("success", "failure")

    url: str
    method: str = "GET"

    @classmethod
    def kind(cls) -> str:
        return "api"

    def is_effect(self) -> bool:
        return False

    async def execute(self, _tools: Tools) -> Outcome:
        return Outcome(exit="success", value="x" * 60_000)


async def test_a_task_starts_no_local_activity_after_so_many_bytes_of_their_results(stage: Stage) -> None:
    ids = [f"a{number}" for number in range(10)]
    calls = [{"id": id, "type": "api", "config": {"url": "https://a.example"}} for id in ids]
    texts = told("m", "n", one_by_one=True)
    nodes, edges = texts["nodes"][1:], list(zip(ids, [*ids[1:], "m0"], strict=True))
    async with stage.worker(kinds={**executors(), "api": Large}):
        handle = await stage.start(flow([*calls, *nodes], [*edges, ("m0", "m1"), ("m1", "e")]))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said("77") == ["m", "n"]
    assert locals_of_each_task(events)[0] == 1
    assert [name for name, _ in ordinary(events)] == ["perform"]


async def test_while_a_cancellation_is_pending_nothing_is_local(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start(asked(hourly("?")))
        await stage.until_said(1)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await ended(handle)
    events = since(await history_of(handle), "WORKFLOW_EXECUTION_CANCEL_REQUESTED")
    assert counted(events)["MARKER_RECORDED"] == 0
    assert [name for name, _ in ordinary(events)] == ["flush"]


@pytest.mark.parametrize("limits", [Limits(), Limits(fast=False)], ids=["local", "ordinary"])
async def test_a_call_in_flight_when_a_cancellation_comes_is_made_and_on_record(
    stage: Stage, limits: Limits
) -> None:
    async def cancel(text: str) -> None:
        if text == "one" and handle is not None:
            await handle.cancel()
            await asyncio.sleep(0.3)

    document = flow(
        [
            {"id": "m", "type": "message", "config": {"text": "one"}},
            {"id": "d", "type": "delay", "config": {"for": "1h"}},
            END,
        ],
        [("m", "d"), ("d", "e")],
    )
    stage.chatwoot, handle = Interrupted(cancel), None
    handle = await stage.start(document, limits=limits)
    async with stage.worker():
        with pytest.raises(WorkflowFailureError):
            await ended(handle)
    assert stage.chatwoot.said("77") == ["one"]
    assert (await stage.execution())["status"] == "cancelled"
    lines = [(node, phase) for _, node, phase, _ in await stage.history()]
    assert lines[:2] == [("start", "done"), ("m", "done")]


async def test_a_timer_of_an_earlier_wait_says_nothing_in_a_later_one(stage: Stage) -> None:
    second = {"text": "two?", "timeout": "1h", "reminders": [{"after": "30m", "text": "Still there?"}]}
    async with stage.worker():
        handle = await stage.start(asked({"text": "one?", "timeout": "1s"}, second))
        await stage.until_said(1)
        await stage.say(handle, "yes")
        await stage.until_said(2)
        async with asyncio.timeout(20):
            while not counted(await history_of(handle))["TIMER_FIRED"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await stage.say(handle, "yes again")
        await ended(handle)
    assert stage.chatwoot.said("77") == ["one?", "two?"]


async def test_a_timer_is_not_cancelled_for_a_later_one_and_there_is_only_one(stage: Stage) -> None:
    later = [{"text": f"{hours}?", "timeout": f"{hours}h"} for hours in (1, 2, 3)]
    async with stage.worker():
        handle = await stage.start(asked(*later))
        for count in (1, 2, 3):
            await stage.until_said(count)
            await stage.say(handle, "yes")
        await ended(handle)
    counts = counted(await history_of(handle))
    assert (counts["TIMER_STARTED"], counts["TIMER_CANCELED"]) == (1, 0)


@pytest.mark.parametrize("limits", [Limits(), Limits(fast=False)], ids=["local", "ordinary"])
async def test_a_kind_this_worker_does_not_know_yet_waits_for_one_that_does(
    stage: Stage, limits: Limits
) -> None:
    document = flow(
        [
            {"id": "u", "type": "update_contact", "config": {"attributes": {"name": "Asha"}}},
            {"id": "done", "type": "message", "config": {"text": "done"}},
            {"id": "sorry", "type": "message", "config": {"text": "sorry"}},
            END,
        ],
        [("u", "done"), ("u", "error", "sorry"), ("done", "e"), ("sorry", "e")],
    )
    older: dict[str, type[Action]] = {
        name: kind for name, kind in executors().items() if name != "update_contact"
    }
    handle = await stage.start(document, limits=limits)
    async with stage.worker(kinds=older):
        await until_tried_again(handle)
    async with stage.worker():
        await ended(handle)
    assert stage.chatwoot.said("77") == ["done"]


async def until_tried_again(handle: Handle) -> None:
    """An ordinary activity of the run has failed and is about to be tried anew."""
    async with asyncio.timeout(20):
        while True:
            pending = (await handle.describe()).raw_description.pending_activities
            if any(activity.attempt > 1 for activity in pending):
                return
            await asyncio.sleep(0.1)


async def test_names_in_histories_are_the_contract(stage: Stage) -> None:
    """A worker of another release must know them: they are never changed, only added to."""
    document = asked({"text": "mail?", "expects": "email", "timeout": "2s"})
    async with stage.worker():
        handle = await stage.start(document, limits=Limits(fast=False))
        await stage.until_said(1)
        await stage.say(handle, "asha")
        await ended(handle)
    events = await history_of(handle)
    started = events[0].workflow_execution_started_event_attributes
    signals = {
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in events
        if event.HasField("workflow_execution_signaled_event_attributes")
    }
    assert (started.workflow_type.name, signals) == ("FlowWorkflow", {"deliver"})
    assert {name for name, _ in ordinary(events)} == {"flush", "send_message", "parse_answer", "close_wait"}
    assert [id for name, id in ordinary(events) if name == "send_message"] == ["q0#1.1", "q0#1.2"]


@pytest.mark.parametrize(
    "limits",
    [Limits(turns=1, burst_turns=1), Limits(events=12), Limits(history_bytes=4_000)],
    ids=["turns", "events", "bytes"],
)
async def test_a_run_that_has_grown_continues_as_new_and_loses_nothing(stage: Stage, limits: Limits) -> None:
    """The last answers come in one signal: one of them is unread when a run continues behind the other."""
    questions, answers = ["1?", "2?", "3?", "4?", "5?"], list("abcde")
    async with stage.worker():
        handle = await stage.start(asked(*map(hourly, questions)), limits=limits)
        for count, answer in enumerate(answers[:3], start=1):
            await stage.until_said(count)
            await stage.say(handle, answer)
        await stage.until_said(4)
        await stage.deliver(handle, [await stage.accept(answer) for answer in answers[3:]])
        await ended(handle)
    assert stage.chatwoot.said("77") == questions
    variables = (await stage.execution())["context"]["variables"]
    assert list(variables.values()) == answers
    first = stage.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    assert counted(await history_of(first))["WORKFLOW_EXECUTION_CONTINUED_AS_NEW"] == 1


async def test_while_inputs_wait_unread_a_run_goes_on_for_more_turns(stage: Stage) -> None:
    """A server lets a run continue as new only once a second, however many people's words wait."""
    async with stage.worker():
        handle = await stage.start(asked(*map(hourly, ["1?", "2?", "3?", "4?"])), limits=Limits(turns=1))
        await stage.until_said(1)
        await stage.deliver(handle, [await stage.accept(answer) for answer in "abcd"])
        await ended(handle)
    first = stage.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    assert stage.chatwoot.said("77") == ["1?", "2?", "3?", "4?"]
    last = (await history_of(first))[-1].workflow_execution_continued_as_new_event_attributes
    assert last.new_execution_run_id == (await handle.describe()).run_id


async def test_a_plan_that_takes_long_makes_no_task_so_long_that_it_is_kept_alive(
    stage: Stage, temporal: Temporal, tmp_path: Path
) -> None:
    """What comes while one is kept alive may be replayed in other portions (docs/adr/0005)."""

    async def late(digest: str) -> Any:
        await asyncio.sleep(2.6)
        return stage.plans[digest]

    async def slowly(text: str) -> None:
        await asyncio.sleep(1)

    keys, plans = load_or_create(tmp_path, ""), PlanCache(late)
    stage.client = await connect({"target_host": temporal.address, "namespace": "default"}, keys, plans)
    stage.chatwoot = Interrupted(slowly)
    async with stage.worker():
        handle = await stage.start(told("a", "b"), task_timeout=timedelta(seconds=5))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said("77") == ["a", "b"]
    assert (kept_alive(events), failed_tasks(events)) == (0, ["WORKFLOW_WORKER_UNHANDLED_FAILURE"])
