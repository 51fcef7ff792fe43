"""Side paths that lead back to their question: out of forks and loops begun there, into those open before."""

from typing import Any

import pytest

from dsl.limits import Limits
from dsl.plan import Assign, Interrupt, Join, Plan, Sleep, Wait
from tests.workflows.plans import FAIL, call, end, plan, say, walked
from tests.workflows.test_branches import TWO, fork, forked
from tests.workflows.world import message

AGENT = {"agent": Interrupt(to="side", returns=True)}
TALK = [message(1, "agent", after=1), message(2, "Asha", after=30)]
EVERY = [0, 1, 2]


def aside(*steps: Any, exits: Any = None) -> Plan:
    """A question, and the side path that the word `agent` leads to."""
    ask = Wait(id="wait", node="wait", to={"answer": "thanks"}, interrupts=AGENT, asks="ask")
    path = [say("ask", "wait"), ask, say("thanks", "end", "{{nodes.wait}}{{item}}"), end()]
    return plan([*path, *steps], exits)


def loop(id: str, to: str, **values: Any) -> Assign:
    """A step of the loop L; without values it is closed."""
    return Assign(id=id, node=id, values=values, loop="L", to=to)


FORKED = [
    *[fork("c", "d", **TWO).but(id="Q", node="Q"), Join(id="Q/join", node="Q"), call("c1", "over")],
    *[Sleep(id="d1", node="d1", seconds=900, to="Q/join"), end("over")],
]
WAYS = {"Q": {"c": "c1", "d": "d1", "joined": "over"}}


@pytest.mark.parametrize("every", EVERY)
async def test_an_end_in_a_branch_of_a_side_path_leads_back_as_any_other(every: int) -> None:
    drawn = aside(say("side", "Q"), *FORKED, exits=WAYS)
    state, world = await walked(drawn, TALK, limits=Limits(every_steps=every))
    assert world.said == ["ask", "side", "c1", "ask", "Asha"]
    assert (len(state.tokens), state.forks, state.token.back) == (1, (), None)


@pytest.mark.parametrize("every", EVERY)
async def test_and_the_branch_of_the_question_goes_on_beside_the_others(every: int) -> None:
    ask = Wait(id="a1", node="a1", to={"answer": "P/join"}, interrupts=AGENT, asks="a0")
    beside = [Sleep(id="b1", node="b1", seconds=60, to="b2"), call("b2", "P/join")]
    drawn = forked([say("a0", "a1"), ask], beside)
    more = [say("side", "Q"), *FORKED]
    steps = [step for step in drawn.steps.values() if step.id != FAIL]
    exits = {id: node.exits for id, node in drawn.nodes.items()}
    state, world = await walked(
        plan([*steps, *more], {**exits, **WAYS}), TALK, limits=Limits(every_steps=every)
    )
    assert state.ending is not None
    assert world.said == ["a0", "side", "c1", "a0", "b2", "after"]
    assert state.ending.results == {"how": {"a": "joined", "b": "joined"}}


async def test_a_loop_that_a_side_path_leaves_open_is_over_with_it() -> None:
    drawn = aside(loop("side", "talk", names={"item": "tea"}), say("talk", "done", "{{item}}"), end("done"))
    _, world = await walked(drawn, TALK)
    assert world.said == ["ask", "tea", "ask", "Asha"]


@pytest.mark.parametrize("every", EVERY)
async def test_the_loop_of_the_question_is_not_seen_aside_and_goes_on_behind_it(every: int) -> None:
    ask = Wait(id="wait", node="wait", to={"answer": "thanks"}, interrupts=AGENT, asks="ask")
    body = [say("ask", "wait", "{{item}}?"), ask, say("thanks", "shut", "{{nodes.wait}}, {{item}}")]
    side = [say("side", "done", "no {{item}}"), end("done")]
    drawn = plan([loop("open", "ask", names={"item": "tea"}), *body, loop("shut", "end"), end(), *side])
    script = [message(1, "agent"), message(5, "agent"), message(9, "two")]
    state, world = await walked(drawn, script, limits=Limits(every_steps=every))
    assert world.said == ["tea?", "no ", "tea?", "no ", "tea?", "two, tea"]
    assert (state.token.loops, state.token.kept) == ({}, {})


async def test_a_side_path_that_goes_back_by_an_edge_of_its_own_is_over() -> None:
    state, world = await walked(aside(say("side", "ask")), TALK)
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("completed", ["ask", "side", "ask", "Asha"])
