"""The walk from start to end, under a virtual clock."""

import json
from pathlib import Path
from typing import Any

import pytest

from dsl.inbox import Inbox
from dsl.limits import Limits
from dsl.messages import Effect, ErrorInfo, Outcome, Report
from dsl.plan import Call
from tests.workflows.world import (
    START,
    OutOfScript,
    World,
    flow,
    message,
    plan_of,
    run_input,
    status,
    walk_on,
    walked,
)

LEAD = json.loads(Path("examples/lead_capture/lead_capture.json").read_text())
ANSWERS = [message(1, "John"), message(2, "nonsense"), message(3, "john@example.com")]


async def test_lead_capture_asks_refuses_a_bad_address_and_thanks() -> None:
    state, world = await walked(LEAD, ANSWERS)
    assert world.said == [
        "What is your name?",
        "What is your email address?",
        "That does not look like an e-mail address. Please try again.",
        "Thank you, John! We will contact you at john@example.com.",
    ]
    assert state.ending is not None
    assert state.ending.status == "completed"
    assert state.frames[0].vars == {"user_name": "John", "user_email": "john@example.com"}


@pytest.mark.parametrize(
    "limits", [Limits(every_steps=1), Limits(fast=False), Limits(fast=False, every_steps=1)]
)
async def test_continue_as_new_after_every_step_and_inspect_mode_change_nothing(limits: Limits) -> None:
    plain, plain_world = await walked(LEAD, ANSWERS)
    state, world = await walked(LEAD, ANSWERS, limits=limits)
    assert world.said == plain_world.said
    assert state.frames == plain.frames
    assert world.recorded() == plain_world.recorded()


async def test_a_turn_is_one_perform() -> None:
    _, world = await walked(LEAD, ANSWERS)
    assert [flush.standing.status for flush in world.flushes] == [
        "waiting_input",
        "waiting_input",
        "waiting_input",
        "completed",
    ]
    assert world.ordinary == []


async def test_the_record_has_a_line_for_each_node_left_and_each_wait_begun() -> None:
    _, world = await walked(LEAD, ANSWERS)
    assert world.recorded() == [
        (1, "start-1", "done", "next"),
        (2, "question-name", "waiting", None),
        (3, "question-name", "done", "answer"),
        (4, "question-email", "waiting", None),
        (5, "question-email", "waiting", None),
        (6, "question-email", "done", "answer"),
        (7, "message-thanks", "done", "next"),
        (8, "end-1", "done", None),
    ]


async def test_every_input_is_consumed_once_with_its_fate() -> None:
    _, world = await walked(LEAD, [*ANSWERS, message(4, "thanks", after=3)])
    fates = [(fate.seq, fate.how) for flush in world.flushes for fate in flush.consumed]
    assert fates[:3] == [(1, "answer"), (2, "answer"), (3, "answer")]
    assert len(fates) == len(set(fates))


async def test_a_question_without_an_answer_times_out_after_its_reminder() -> None:
    state, world = await walked(LEAD, [message(1, "John")])
    assert world.said[-2:] == ["Still there?", "No problem, John. Write to us whenever you like."]
    assert (world.now - world.flushes[1].at).total_seconds() >= 1800
    assert state.ending is not None


async def test_a_reminder_is_an_ordinary_activity_that_commits_the_decision() -> None:
    _, world = await walked(LEAD, [message(1, "John")])
    assert [effect.args["text"] for effect in world.ordinary] == ["Still there?"]


async def test_an_answer_that_the_lane_accepted_in_time_counts_however_late_it_arrives() -> None:
    late = message(2, "john@example.com", after=1_700)
    _, world = await walked(LEAD, [message(1, "John")], lane=[late])
    assert world.said[-1] == "Thank you, John! We will contact you at john@example.com."


async def test_an_answer_accepted_after_the_deadline_does_not_answer_the_question_that_timed_out() -> None:
    late = message(2, "john@example.com", after=1_900)
    state, world = await walked(LEAD, [message(1, "John")], lane=[late])
    assert world.said[-1].startswith("No problem")
    assert "user_email" not in state.frames[0].vars


async def test_without_any_timeout_of_its_own_a_wait_ends_expired_by_the_session_ttl() -> None:
    state, _ = await walked(LEAD, [])
    assert state.ending is not None
    assert state.ending.status == "expired"


async def test_three_bad_answers_leave_by_invalid() -> None:
    bad = [message(seq, "nonsense") for seq in (2, 3, 4)]
    _, world = await walked(LEAD, [message(1, "John"), *bad])
    assert world.said[-1] == "No problem, John. Write to us whenever you like."


async def test_a_message_older_than_our_first_one_opens_the_run_and_answers_nothing() -> None:
    opening = [message(1, "Hi there", id=5), message(2, "hello?", id=6)]
    state, world = await walked(LEAD, [*opening, message(3, "John"), message(4, "j@example.com")])
    assert state.trigger["message"]["text"] == "Hi there"
    assert state.frames[0].vars["user_name"] == "John"
    assert [fate.how for flush in world.flushes for fate in flush.consumed][:2] == ["opening", "opening"]


async def test_while_a_human_owns_the_lane_the_bot_says_nothing_and_hears_nothing() -> None:
    theirs = [status(1, "open", "human"), message(2, "are you there?"), status(3, "pending", "bot")]
    state, world = await walked(LEAD, [*theirs, message(4, "John"), message(5, "j@example.com")])
    assert state.frames[0].vars["user_name"] == "John"
    hows = [fate.how for flush in world.flushes for fate in flush.consumed]
    assert hows[:4] == ["owner", "to_human", "owner", "answer"]


async def test_what_is_heard_without_moving_the_run_is_on_record_before_it_rests_again() -> None:
    script = [status(1, "open", "human"), message(2, "are you there?")]
    _, world = await walked(LEAD, script)
    heard = [[(fate.seq, fate.how) for fate in flush.consumed] for flush in world.flushes]
    assert heard[1:3] == [[(1, "owner")], [(2, "to_human")]]
    assert [flush.standing.owner for flush in world.flushes[1:3]] == ["human", "human"]
    assert {flush.standing.status for flush in world.flushes[1:3]} == {"waiting_input"}


async def test_a_run_begun_on_a_humans_lane_says_nothing() -> None:
    world = World()
    await walk_on(run_input(plan_of(LEAD), owner="human"), world)
    assert world.said == []


async def test_the_contact_is_what_the_last_input_and_update_told() -> None:
    document = flow(
        [
            {"id": "q", "type": "question", "config": {"text": "Hi {{contact.name}}", "saveTo": "x"}},
            {"id": "u", "type": "update_contact", "config": {"attributes": {"name": "{{x}}"}}},
            {"id": "m", "type": "message", "config": {"text": "Bye {{contact.name}} of {{contact.email}}"}},
            {"id": "e", "type": "end"},
        ],
        [("q", "u"), ("u", "m"), ("m", "e")],
    )

    def updated(effect: Effect) -> Report | None:
        told = (
            Outcome(exit="next", value={"name": effect.args["attributes"]["name"]})
            if effect.node == "u"
            else None
        )
        return Report(state="done", outcome=told) if told else None

    answer = message(1, "Juma")
    assert answer.event is not None
    answer = answer.but(event=answer.event.but(contact={"name": "John", "email": "j@example.com"}))
    world = World(script=[answer], verdict=updated)
    await walk_on(run_input(plan_of(document), contact={"name": "Asha"}), world)
    assert world.said == ["Hi Asha", "Bye Juma of j@example.com"]


async def test_the_same_input_twice_is_heard_once() -> None:
    _, world = await walked(LEAD, [message(1, "John"), message(1, "John"), message(2, "j@example.com")])
    assert len(world.said) == 3


async def test_an_input_that_cannot_be_read_is_dead_and_the_run_goes_on() -> None:
    unreadable = message(1, "x").model_copy(update={"event": None})
    state, world = await walked(LEAD, [unreadable, message(2, "John"), message(3, "j@example.com")])
    first = next(fate for flush in world.flushes for fate in flush.consumed)
    assert (first.state, first.how) == ("dead", "unreadable")
    assert state.frames[0].vars["user_name"] == "John"


async def test_a_cancelled_execution_stops_at_its_rest_and_is_recorded() -> None:
    state, world = await walked(LEAD, [], stop_at=START)
    assert state.ending is not None
    assert state.ending.status == "cancelled"
    assert world.flushes[-1].standing.status == "cancelled"


def _refuse(node: str, state: str) -> Any:
    error = ErrorInfo(code="HTTP_422", message="no", provider="chatwoot")

    def verdict(effect: Effect) -> Report | None:
        if effect.node != node:
            return None
        return Report.model_validate({"state": state, "outcome": Outcome(exit="error", error=error)})

    return verdict


async def test_a_message_that_failed_takes_the_flow_to_its_on_error() -> None:
    state, world = await walked(LEAD, ANSWERS, verdict=_refuse("question-email", "failed"))
    assert state.ending is not None
    assert state.ending.error is not None
    assert (state.ending.status, state.ending.error.code) == ("failed", "UNHANDLED_ERROR")
    assert "HTTP_422" in state.ending.error.message
    assert world.said == ["What is your name?"]


TWO = flow(
    [
        {"id": "a", "type": "message", "config": {"text": "one"}},
        {"id": "b", "type": "message", "config": {"text": "two"}},
        {"id": "c", "type": "message", "config": {"text": "three"}},
        {"id": "e", "type": "end"},
    ],
    [("a", "b"), ("b", "c"), ("c", "e")],
)


async def test_consecutive_messages_are_performed_together() -> None:
    _, world = await walked(TWO)
    assert world.said == ["one", "two", "three"]
    assert len(world.flushes) == 1


@pytest.mark.parametrize("stopped", ["a", "b", "c"])
async def test_the_walk_goes_back_to_the_first_effect_not_done_and_on_from_there(stopped: str) -> None:
    later = [True]

    def verdict(effect: Effect) -> Report | None:
        if effect.node == stopped and later.pop(0) if later and effect.node == stopped else False:
            return Report(state="later")
        return None

    state, world = await walked(TWO, verdict=verdict)
    assert world.said == ["one", "two", "three"]
    assert [effect.node for effect in world.ordinary] == [stopped]
    rows = [row for flush in world.flushes for row in flush.rows]
    assert [row.node for row in rows] == ["start", "a", "b", "c", "e"]
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [(effect.node, effect.visit, effect.number) for effect in world.done] == [
        ("a", 1, 1),
        ("b", 1, 1),
        ("c", 1, 1),
    ]
    assert state.ending is not None


async def test_a_message_whose_end_nobody_knows_is_taken_as_sent() -> None:
    def verdict(effect: Effect) -> Report | None:
        return Report(state="unknown", outcome=Outcome(exit="unknown")) if effect.node == "b" else None

    state, world = await walked(TWO, verdict=verdict)
    assert world.said == ["one", "three"]
    assert state.ending is not None
    assert state.ending.status == "completed"


async def test_a_message_whose_end_nobody_knows_leaves_by_unknown_where_that_is_drawn() -> None:
    other = {"id": "u", "type": "message", "config": {"text": "Did you get my last message?"}}
    drawn = [*TWO["edges"], {"from": "b", "exit": "unknown", "to": "u"}, {"from": "u", "to": "e"}]

    def verdict(effect: Effect) -> Report | None:
        return Report(state="unknown", outcome=Outcome(exit="unknown")) if effect.node == "b" else None

    _, world = await walked({**TWO, "nodes": [*TWO["nodes"], other], "edges": drawn}, verdict=verdict)
    assert world.said == ["one", "Did you get my last message?"]


async def test_inputs_that_wait_at_an_end_that_does_not_come_answer_what_is_asked_instead() -> None:
    nodes: list[dict[str, Any]] = [
        {"id": "m", "type": "message", "config": {"text": "Goodbye"}},
        {"id": "q", "type": "question", "config": {"text": "Still there?", "saveTo": "x"}},
        {"id": "e", "type": "end"},
    ]
    document = flow(nodes, [("m", "e"), ("q", "e")], settings={"onError": "q"})
    world = World(inbox=Inbox().taking([message(1, "yes")], Limits()), verdict=_refuse("m", "failed"))
    state = await walk_on(run_input(plan_of(document)), world)
    fates = [(fate.seq, fate.how) for flush in world.flushes for fate in flush.consumed]
    assert (state.frame.vars, fates) == ({"x": "yes"}, [(1, "answer")])


async def test_a_walk_that_never_waits_ends_at_its_step_limit() -> None:
    state, _ = await walked(TWO, limits=Limits(steps=2))
    assert state.ending is not None
    assert state.ending.reason == "LOOP_LIMIT"


async def test_beyond_the_inbox_s_bound_inputs_are_dead_once_and_the_run_goes_on() -> None:
    flood = [message(seq, f"more {seq}", after=1) for seq in (2, 3)]
    limits = Limits(unread=1)
    world = World(limits=limits, inbox=Inbox().taking([message(1, "John", after=1), *flood], limits))
    world.script = [message(4, "john@example.com", after=2)]
    state = await walk_on(run_input(plan_of(LEAD), limits=limits), world)
    fates = [(fate.seq, fate.state, fate.how) for flush in world.flushes for fate in flush.consumed]
    assert fates == [
        (2, "dead", "INBOX_OVERFLOW"),
        (3, "dead", "INBOX_OVERFLOW"),
        (1, "consumed", "answer"),
        (4, "consumed", "answer"),
    ]
    assert state.ending is not None


API = {"id": "a", "type": "api", "config": {"url": "https://a.example"}, "onError": {"default": "none"}}
HEARD = {"id": "m", "type": "message", "config": {"text": "got {{nodes.a}}"}}
SORRY = {"id": "s", "type": "message", "config": {"text": "sorry"}}


@pytest.mark.parametrize(
    ("state", "drawn", "said"),
    [
        ("failed", [], "got none"),
        ("failed", [("a", "error", "s")], "sorry"),
        ("unknown", [], "got none"),
        ("unknown", [("a", "unknown", "s")], "sorry"),
    ],
)
async def test_a_drawn_error_goes_before_the_node_s_own_default(
    state: str, drawn: list[tuple[str, ...]], said: str
) -> None:
    nodes: list[dict[str, Any]] = [API, HEARD, SORRY, {"id": "e", "type": "end"}]
    document = flow(nodes, [("a", "m"), ("m", "e"), ("s", "e"), *drawn])
    _, world = await walked(document, verdict=_refuse("a", state))
    assert world.said == [said]


async def test_another_exit_than_the_one_taken_for_granted_calls_the_walk_back() -> None:
    nodes: list[dict[str, Any]] = [API | {"onError": None}, HEARD, SORRY, {"id": "e", "type": "end"}]
    document = flow(nodes, [("a", "m"), ("m", "e"), ("s", "e")], settings={"onError": "s"})
    document["nodes"][1].pop("onError")
    document["nodes"][2] = {"id": "m", "type": "message", "config": {"text": "fine"}}
    assert isinstance(plan_of(document).steps["a"], Call)

    def verdict(effect: Effect) -> Report | None:
        refused = Outcome(exit="failure", value={"status": 500})
        return Report(state="done", outcome=refused) if effect.node == "a" else None

    _, world = await walked(document, verdict=verdict)
    assert world.said == ["sorry"]
    assert ("a", "done", "failure") in [line[1:] for line in world.recorded()]


async def test_a_wait_for_ever_only_ends_by_an_answer() -> None:
    document = flow(
        [{"id": "q", "type": "question", "config": {"text": "?", "saveTo": "x"}}, {"id": "e", "type": "end"}],
        [("q", "e")],
    )
    with pytest.raises(OutOfScript):
        await walked(document)


async def test_a_change_of_status_that_a_later_one_overtook_changes_nothing() -> None:
    overtaken = status(2, "pending", "bot")
    assert overtaken.event is not None
    outdated = overtaken.event.but(value={"status": "pending", "outdated": True})
    script = [status(1, "open", "human"), overtaken.but(event=outdated), message(3, "are you there?")]
    state, _ = await walked(LEAD, script)
    assert "user_name" not in state.frame.vars
    assert state.owner == "human"
