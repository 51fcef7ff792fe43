"""Fuel, bytes and continue-as-new: everything is bounded, and a bound loses nothing (2.5 to 2.7)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from dsl.inbox import Inbox
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import Effect, Outcome, Report
from dsl.plan import Assign, Sleep, Subflow, Wait
from dsl.state import RunInput
from tests.workflows.plans import FAIL, end, on, plan
from tests.workflows.plans import walked as walked_plan
from tests.workflows.test_walk import ANSWERS, LEAD, TWO
from tests.workflows.world import START, World, flow, message, plan_of, run_input, status, walk_on, walked

END: dict[str, Any] = {"id": "e", "type": "end"}
ASKED: dict[str, Any] = {
    "id": "q",
    "type": "question",
    "config": {"text": "?", "saveTo": "x", "timeout": "60s"},
}


@dataclass
class Breathing(World):
    """A world that counts how often the walk took a new task."""

    breaths: int = 0

    async def breathe(self) -> None:
        self.breaths += 1
        await super().breathe()


def setting(value: str, times: int) -> dict[str, Any]:
    """A flow that sets so many variables to a value, one after another."""
    ids = [f"s{number}" for number in range(times)]
    nodes = [{"id": id, "type": "set_variables", "config": {"set": {id: value}}} for id in ids]
    return flow([*nodes, END], list(zip(ids, [*ids[1:], "e"], strict=True)))


async def breaths(document: dict[str, Any], **limits: Any) -> int:
    """How often the flow takes a new task."""
    world = Breathing(limits=Limits(**limits))
    await walk_on(run_input(plan_of(document), limits=world.limits), world)
    return world.breaths


async def test_after_so_many_steps_the_walk_takes_a_new_task() -> None:
    assert await breaths(setting("", 8), fuel=4) == 2


async def test_a_step_costs_what_it_touches_too() -> None:
    assert await breaths(setting("x" * 10_240, 2), fuel=9) == 2


async def test_a_condition_on_large_values_costs_what_it_touches() -> None:
    ids = [f"c{number}" for number in range(6)]
    test = {"left": "{{big}}", "operator": "contains", "right": "y"}
    nodes = [{"id": id, "type": "condition", "config": {"condition": test}} for id in ids]
    edges: list[tuple[str, ...]] = [
        (id, exit, to) for id, to in zip(ids, [*ids[1:], "e"], strict=True) for exit in ("true", "false")
    ]
    document = flow([*nodes, END], edges, variables={"big": {"default": "x" * 10_240}})
    assert await breaths(document, fuel=9) >= 6


async def test_a_call_gives_the_walk_its_steps_anew_though_it_is_run_ahead() -> None:
    def answered(_: Effect) -> Report:
        return Report(state="done", outcome=Outcome(exit="success"))

    ids = [f"a{number}" for number in range(9)]
    calls = [{"id": id, "type": "api", "config": {"url": "https://a.example"}} for id in ids]
    document = flow([*calls, END], list(zip(ids, [*ids[1:], "e"], strict=True)))
    state, _ = await walked(document, verdict=answered, limits=Limits(steps=5))
    assert state.ending is not None
    assert state.ending.status == "completed"


async def test_an_input_gives_the_walk_its_steps_anew() -> None:
    state, _ = await walked(LEAD, ANSWERS, limits=Limits(steps=8))
    assert state.ending is not None
    assert state.ending.status == "completed"


async def test_variables_beyond_their_bound_end_the_execution_with_its_code() -> None:
    state, _ = await walked(setting("x" * 400, 3), limits=Limits(variables_bytes=1_000))
    assert state.ending is not None
    assert (state.ending.status, state.ending.reason) == ("failed", "VARIABLES_TOO_LARGE")
    assert list(state.frame.vars) == ["s0", "s1", "s2"]


async def test_a_value_saved_by_a_call_is_within_the_bound_of_variables() -> None:
    def large(_: Effect) -> Report:
        return Report(state="done", outcome=Outcome(exit="success", value="x" * 100))

    call = {"id": "a", "type": "api", "config": {"url": "https://a.example", "saveTo": "x"}}
    state, _ = await walked(flow([call, END], [("a", "e")]), verdict=large, limits=Limits(variables_bytes=50))
    assert state.ending is not None
    assert state.ending.reason == "VARIABLES_TOO_LARGE"


def test_unread_texts_beyond_their_bytes_are_refused() -> None:
    inbox = Inbox().taking([message(seq, "x" * 60) for seq in (1, 2, 3)], Limits(unread_bytes=100))
    assert [input.seq for input in inbox.unread] == [1, 2]
    assert [fate.seq for fate in inbox.refused] == [3]


def test_what_was_filled_in_counts_as_unread_bytes_too() -> None:
    inbox = Inbox().taking([filled(seq, "x" * 60) for seq in (1, 2, 3)], Limits(unread_bytes=100))
    assert [input.seq for input in inbox.unread] == [1, 2]


def test_unread_bytes_are_bytes_not_characters() -> None:
    inbox = Inbox().taking([message(seq, "é" * 60) for seq in (1, 2)], Limits(unread_bytes=100))
    assert [input.seq for input in inbox.unread] == [1]


def filled(seq: int, note: str) -> Input:
    """A form that somebody sent."""
    value = {"note": note}
    event = Inbound(key=f"upd:{seq}", address="77", event="message_updated", kind="submitted", value=value)
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START, event=event)


@pytest.mark.parametrize("document", [LEAD, TWO], ids=["lead capture", "messages"])
async def test_unread_inputs_and_effects_in_flight_outlive_continue_as_new(document: dict[str, Any]) -> None:
    read = Inbox().taking(ANSWERS, Limits())
    _, plain = await walked(document, inbox=read)
    _, world = await walked(document, inbox=read, limits=Limits(every_steps=1))
    assert world.said == plain.said
    assert len({(e.node, e.visit, e.number) for e in world.done}) == len(world.done)


async def test_a_deadline_outlives_continue_as_new() -> None:
    """Changes of status wake the run, which continues as new in the middle of its wait."""
    document = flow([ASKED, END], [("q", "e"), ("q", "timeout", "e")])
    changes = [status(30, "pending", "bot"), status(40, "pending", "bot")]
    state, world = await walked(document, changes, limits=Limits(every_steps=1))
    assert state.ending is not None
    assert world.now == START + timedelta(seconds=60)
    waits = [flush.standing.waiting for flush in world.flushes if flush.standing.waiting is not None]
    assert {waiting.deadline for waiting in waits} == {world.now}


async def test_limits_come_with_the_input_and_travel_on_with_it() -> None:
    run = run_input(plan_of(LEAD), limits=Limits(every_steps=1, unread=7, fast=False))
    assert RunInput.model_validate_json(run.model_dump_json(by_alias=True)).limits == run.limits


async def test_what_is_said_to_a_human_is_no_step_of_the_walk() -> None:
    """Whoever talks on and on with a human does not bring the run to its limit."""
    ask = Wait(id="w", node="w", expects="handback", to={"returned": "end"})
    script = [*(message(n, "hi") for n in range(1, 40)), status(50, "pending", "bot")]
    state, _ = await walked_plan(plan([ask, end()]), script, limits=Limits(steps=20))
    assert state.ending is not None
    assert state.ending.status == "completed"


async def test_nor_is_what_is_said_during_a_delay() -> None:
    drawn = plan([Sleep(id="w", node="w", seconds=100, to="end"), end()])
    script = [message(n, "hi") for n in range(1, 40)]
    state, _ = await walked_plan(drawn, script, limits=Limits(steps=20))
    assert state.ending is not None
    assert state.ending.status == "completed"


async def test_steps_of_a_subflow_in_a_loop_count_against_the_loop_s_own_limit() -> None:
    opened = Assign(id="open", node="open", values={"index": 0}, loop="L", to="S")
    shut = Assign(id="shut", node="shut", values={}, loop="L", to="end")
    into = Subflow(id="S", node="S", plan="sub", to={"done": "shut", "failed": FAIL})
    main = plan([opened, into, shut, end()])
    sub = plan([on("a", "b"), on("b", "c"), on("c", "end"), end()])
    state, _ = await walked_plan(main, plans={"sub": sub}, limits=Limits(steps=3))
    assert state.ending is not None
    assert (state.ending.status, state.looped) == ("completed", 6)
