"""Rich waits on a real server: what was answered, what the record says, and what a lost task may not do."""

import asyncio
from typing import Any

import pytest

from dsl.inputs import Input
from tests.workflows.histories import failed_tasks, history_of, ordinary
from tests.workflows.stage import CONVERSATION, Handle, Interrupted, Stage
from tests.workflows.world import flow

pytestmark = pytest.mark.real

SORRY = "One at a time, please."
WORDS = ("I want", "two kilos", "of sugar")
SAID = {
    "latest": ["What?", "of sugar!", "Bye"],
    "merge": ["What?", "I want\ntwo kilos\nof sugar!", "Bye"],
    "reject": ["What?", SORRY, "I want!", "Bye"],
}
FATES = {
    "latest": ["superseded", "superseded", "answer"],
    "merge": ["merged", "merged", "answer"],
    "reject": ["answer", "rejected", "rejected"],
}
COMMITTED = {
    "latest": ["close_wait", "send_message"],
    "merge": ["close_wait", "send_message"],
    "reject": ["close_wait", "send_message", "send_message"],
}
"""The ordinary activities of a run: what was asked of the lane, and what was said first after that."""


def asked(policy: str) -> dict[str, Any]:
    """A question that waits for one second of quiet, its answer, and a farewell."""
    more = {"rejectText": SORRY} if policy == "reject" else {}
    config = {"text": "What?", "saveTo": "what", "doubleText": policy, "quietPeriod": "1s", **more}
    nodes: list[dict[str, Any]] = [
        {"id": "q", "type": "question", "config": config},
        {"id": "m", "type": "message", "config": {"text": "{{what}}!"}},
        {"id": "z", "type": "message", "config": {"text": "Bye"}},
        {"id": "e", "type": "end"},
    ]
    settings = {"sessionTtl": "1h"}
    return flow(nodes, [("q", "m"), ("m", "z"), ("z", "e")], settings=settings)


async def accepted(stage: Stage) -> list[Input]:
    """Three messages, one upon the other."""
    return [await stage.accept(text) for text in WORDS]


async def ended(handle: Handle) -> None:
    """The run's end, within bounds."""
    await asyncio.wait_for(handle.result(), 30)


async def fates(stage: Stage) -> list[tuple[str, str]]:
    """(state, how) of every message, in order."""
    rows = await stage.db.fetch("SELECT state, how FROM inbound_events ORDER BY seq")
    return [tuple(row) for row in rows]


async def merged(stage: Stage, ids: list[int | None]) -> bool:
    """Whether the question's line tells that its answer was made of these messages."""
    told = await stage.db.fetchval(
        "SELECT merged FROM execution_history WHERE node_id = 'q' AND phase = 'done'"
    )
    return bool(told == ids)


@pytest.mark.parametrize("policy", list(SAID))
async def test_of_three_messages_in_the_quiet_period_the_policy_s_is_the_answer(
    stage: Stage, policy: str
) -> None:
    async with stage.worker():
        handle = await stage.start(asked(policy))
        await stage.until_said(1)
        inputs = await accepted(stage)
        for one in inputs:
            await stage.deliver(handle, [one])
        await ended(handle)
    assert stage.chatwoot.said(CONVERSATION) == SAID[policy]
    assert await fates(stage) == [("consumed", how) for how in FATES[policy]]
    ids = [one.event.message_id for one in inputs if one.event is not None]
    assert await merged(stage, ids) is (policy == "merge")
    assert [name for name, _ in ordinary(await history_of(handle))] == COMMITTED[policy]


async def test_messages_whose_signals_are_lost_belong_to_the_quiet_period_they_were_accepted_in(
    stage: Stage,
) -> None:
    async with stage.worker():
        handle = await stage.start(asked("merge"))
        await stage.until_said(1)
        inputs = await accepted(stage)
        await stage.deliver(handle, inputs[:1])
        await ended(handle)
    assert stage.chatwoot.said(CONVERSATION) == SAID["merge"]
    assert await fates(stage) == [("consumed", how) for how in FATES["merge"]]


@pytest.mark.parametrize("policy", list(SAID))
async def test_a_task_walked_again_with_one_more_signal_says_nothing_else(stage: Stage, policy: str) -> None:
    """The answer was committed by the schedule event of what was said first after the quiet period (2.2)."""

    async def another(text: str) -> None:
        if text == "Bye":
            late.extend([] if late else [await stage.accept("and flour")])
            await stage.deliver(handle, late)

    late: list[Input] = []
    stage.chatwoot = Interrupted(another)
    async with stage.worker():
        handle = await stage.start(asked(policy))
        await stage.until_said(1)
        await stage.deliver(handle, await accepted(stage))
        await ended(handle)
    events = await history_of(handle)
    assert stage.chatwoot.said(CONVERSATION) == SAID[policy]
    assert await fates(stage) == [
        *(("consumed", how) for how in FATES[policy]),
        ("consumed", "unread_at_end"),
    ]
    assert [name for name, _ in ordinary(events)] == COMMITTED[policy]
    assert "UNHANDLED_COMMAND" in failed_tasks(events)


async def test_a_ladder_of_reminders_and_a_deadline_by_real_clocks(stage: Stage) -> None:
    reminders = [{"after": 1, "text": "Still there?"}, {"after": 2, "text": "Hello?"}]
    question = {"text": "What?", "saveTo": "what", "timeout": 3, "reminders": reminders}
    nodes: list[dict[str, Any]] = [
        {"id": "q", "type": "question", "config": question},
        {"id": "z", "type": "message", "config": {"text": "Bye"}},
        {"id": "e", "type": "end"},
    ]
    async with stage.worker():
        handle = await stage.start(flow(nodes, [("q", "z"), ("q", "timeout", "z"), ("z", "e")]))
        await ended(handle)
    assert stage.chatwoot.said(CONVERSATION) == ["What?", "Still there?", "Hello?", "Bye"]
    names = [name for name, _ in ordinary(await history_of(handle))]
    assert names == ["send_message", "send_message", "close_wait"]


async def test_a_delay_asks_the_clocks_of_its_plan_in_the_sandbox(stage: Stage) -> None:
    always = {"from": "00:00", "to": "24:00"}
    nodes: list[dict[str, Any]] = [
        {"id": "d", "type": "delay", "config": {"for": "1s", "businessHours": always}},
        {"id": "z", "type": "message", "config": {"text": "Bye"}},
        {"id": "e", "type": "end"},
    ]
    settings = {"timezone": "America/New_York"}
    async with stage.worker():
        await ended(await stage.start(flow(nodes, [("d", "z"), ("z", "e")], settings=settings)))
    assert stage.chatwoot.said(CONVERSATION) == ["Bye"]
