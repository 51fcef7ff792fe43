"""Subflows: a frame with its own variables, nodes and visits; interrupts that come back (architecture 1)."""

from typing import Any

import pytest

from dsl.limits import Limits
from dsl.plan import Assign, Interrupt, Plan, PlanVariable, Sleep, Subflow, Wait
from tests.workflows.plans import FAIL, call, end, on, plan, say, sets, walked
from tests.workflows.test_branches import failing
from tests.workflows.world import message


def calling(*more: Any, inputs: dict[str, Any] | None = None) -> Plan:
    """A flow that walks `sub` at node S and ends with what it gave."""
    step = Subflow(
        id="S", node="S", plan="sub", inputs=inputs or {}, to={"done": "!done", "failed": "!failed"}
    )
    steps = [*(more or [on("begin", "S")]), step, say("failed", "end"), end(out="{{nodes.S}}", own="{{x}}")]
    return plan(steps, {"S": {"done": "end", "failed": "failed"}})


def asking(*steps: Any, **outputs: Any) -> Plan:
    """A subflow that asks, and gives `outputs`."""
    begin = [say("ask", "wait", "{{hello}}?"), Wait(id="wait", node="wait", to={"answer": "got"})]
    return plan([*begin, sets("got", "end", x="{{@.text}}{{nodes.wait}}"), *steps, end(**outputs)])


async def test_a_subflow_sees_its_inputs_and_gives_its_outputs_and_nothing_else() -> None:
    main = calling(sets("first", "S", x="mine", y="hidden"), inputs={"hello": "Hi {{x}}"})
    sub = asking(name="{{x}}", other="{{y}}")
    state, world = await walked(main, [message(1, "Asha", after=5)], plans={"sub": sub})
    assert state.ending is not None
    assert world.said == ["Hi mine?"]
    assert state.ending.results == {"out": {"name": "Asha", "other": None}, "own": "mine"}
    assert [frame.id for frame in state.frames] == [0]


async def test_effects_and_lines_of_a_subflow_are_told_apart_from_those_of_its_caller() -> None:
    main = calling(say("ask", "S"))
    _, world = await walked(main, [message(1, "Asha", after=5)], plans={"sub": asking()})
    assert [(effect.node, effect.visit, effect.number) for effect in world.done] == [
        ("ask", 1, 1),
        ("S#1/ask", 1, 1),
    ]
    lines = [row[1:] for row in world.recorded()]
    assert lines == [
        ("S#1/wait", "waiting", None),
        ("S#1/end", "done", None),
        ("S", "done", "done"),
        ("end", "done", None),
    ]
    waiting = next(flush.standing for flush in world.flushes if flush.standing.status == "waiting_input")
    assert (waiting.node, waiting.variables) == ("S#1/wait", {})


async def test_a_subflow_entered_twice_has_other_keys_each_time() -> None:
    step = Subflow(id="T", node="T", plan="sub", to={"done": "!done", "failed": "!failed"})
    main = calling()
    again = main.but(
        steps={**main.steps, "T": step},
        nodes={**main.nodes, "T": main.nodes["S"].but(entry="T", exits={"done": "end", "failed": FAIL})},
    )
    again = again.but(nodes={**again.nodes, "S": again.nodes["S"].but(exits={"done": "T", "failed": FAIL})})
    _, world = await walked(again, plans={"sub": plan([say("a", "end"), end()])})
    assert [effect.node for effect in world.done] == ["S#1/a", "T#1/a"]


@pytest.mark.parametrize("outcome", ["failed", "expired"])
async def test_a_subflow_that_does_not_get_to_its_end_leaves_by_failed(outcome: str) -> None:
    sub = plan([on("a", "end"), end(outcome=outcome)])
    state, world = await walked(calling(), plans={"sub": sub})
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("completed", ["failed"])


async def test_why_a_subflow_failed_is_told() -> None:
    main = calling()
    main = main.but(nodes={**main.nodes, "S": main.nodes["S"].but(exits={"done": "end", "failed": FAIL})})
    sub = plan([call("a", "end"), end()])
    state, _ = await walked(main, plans={"sub": sub}, verdict=failing("S#1/a"))
    assert state.ending is not None
    assert state.ending.error is not None
    assert state.ending.error.message == "HTTP_500: no"


async def test_its_declared_values_are_its_own() -> None:
    sub = plan([on("a", "end"), end(v="{{v}}")]).but(variables={"v": PlanVariable(default="sub's")})
    state, _ = await walked(calling(), plans={"sub": sub})
    assert state.ending is not None
    assert state.ending.results == {"out": {"v": "sub's"}, "own": None}


@pytest.mark.parametrize("every", [1, 2, 3])
async def test_frames_are_carried_through_continue_as_new(every: int) -> None:
    deep = plan(
        [on("a", "D"), Subflow(id="D", node="D", plan="deep", to={"done": "end", "failed": FAIL}), end()]
    )
    state, world = await walked(
        calling(),
        [message(1, "Asha", after=5)],
        plans={"sub": deep, "deep": asking(name="{{x}}")},
        limits=Limits(every_steps=every),
    )
    assert state.ending is not None
    assert state.ending.status == "completed"
    assert [effect.node for effect in world.done] == ["S#1/D#1/ask"]


def interruptible(**interrupt: Any) -> Plan:
    """A question with a delay as its side path."""
    words = {"agent": Interrupt(**interrupt)}
    wait = Wait(id="wait", node="wait", to={"answer": "thanks"}, interrupts=words, asks="ask")
    side = [say("side", "pause"), Sleep(id="pause", node="pause", seconds=9, to="done"), end("done")]
    steps = [say("ask", "wait"), wait, say("thanks", "end", "{{nodes.wait}}"), end(), *side]
    return plan(steps, {"wait": {"interrupt": "side"}})


async def test_a_word_of_the_flow_is_no_answer_and_its_side_path_comes_back() -> None:
    script = [message(1, "  AGENT ", after=1), message(2, "Asha", after=20)]
    state, world = await walked(interruptible(to="side", returns=True), script)
    assert state.ending is not None
    assert world.said == ["ask", "side", "ask", "Asha"]
    assert [(fate.seq, fate.how) for flush in world.flushes for fate in flush.consumed] == [
        (1, "interrupt"),
        (2, "answer"),
    ]
    assert ("wait", "done", "interrupt") in [row[1:] for row in world.recorded()]


@pytest.mark.parametrize("target", ["side", "!interrupt"])
async def test_without_return_the_end_of_its_path_is_the_end(target: str) -> None:
    state, world = await walked(interruptible(to=target), [message(1, "agent", after=1)])
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("completed", ["ask", "side"])


async def test_the_side_path_and_its_way_back_are_carried_through_continue_as_new() -> None:
    script = [message(1, "agent", after=1), message(2, "Asha", after=20)]
    _, world = await walked(interruptible(to="side", returns=True), script, limits=Limits(every_steps=1))
    assert world.said == ["ask", "side", "ask", "Asha"]


async def test_steps_inside_a_loop_count_against_its_own_limit_and_its_names_are_seen() -> None:
    def opened(id: str, to: str, **values: Any) -> Assign:
        return Assign(id=id, node=id, values=values, loop="L", to=to)

    steps = [
        opened("L", "go", index=0, names={"item": "apple"}),
        on("go", "say"),
        say("say", "shut", "{{item}}"),
    ]
    state, world = await walked(
        plan([*steps, opened("shut", "end"), end(left="{{item}}")]), limits=Limits(steps=3)
    )
    assert state.ending is not None
    assert (world.said, state.ending.results) == (["apple"], {"left": None})
    assert state.looped == 3
