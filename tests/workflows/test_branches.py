"""Forks: branches at once, each effect an ordinary activity, and how they meet (protocols 2.2)."""

from datetime import timedelta
from typing import Any

import pytest

from dsl.limits import Limits
from dsl.messages import Effect, ErrorInfo, Outcome, Report
from dsl.plan import Fork, Interrupt, Join, Plan, Sleep, Wait
from tests.workflows.plans import FAIL, call, end, on, plan, say, sets, walked
from tests.workflows.world import START, message

TWO: dict[str, Any] = {"need": 2, "enough": 2}
ANY: dict[str, Any] = {"need": 1, "enough": 1}


def fork(*exits: str, **more: Any) -> Fork:
    return Fork(id="P", node="P", exits=exits, to="!joined", **more)


def forked(a: list[Any], b: list[Any], **join: Any) -> Plan:
    """Two branches, each its steps in order, back at the join; then a message."""
    steps = [on("begin", "P"), fork("a", "b", **(join or TWO)), Join(id="P/join", node="P"), *a, *b]
    exits = {"P": {"a": a[0].id, "b": b[0].id, "joined": "after", "error": "lost"}}
    return plan([*steps, say("after", "end"), say("lost", "end"), end(how="{{nodes.P}}")], exits)


def failing(*nodes: str) -> Any:
    error = ErrorInfo(code="HTTP_500", message="no")

    def verdict(effect: Effect) -> Report | None:
        lost = Report(state="failed", outcome=Outcome(exit="error", error=error))
        return lost if effect.node in nodes else None

    return verdict


async def test_branches_go_on_at_the_same_time() -> None:
    drawn = forked([call("a1", "a2"), call("a2", "P/join")], [call("b1", "P/join")])
    state, world = await walked(drawn, seconds={"a1": 5, "a2": 5, "b1": 9})
    assert state.ending is not None
    assert [effect.node for effect in world.ordinary] == ["a1", "b1", "a2", "after"]
    assert world.now == START + timedelta(seconds=10), "ten seconds, not nineteen"
    assert state.ending.results == {"how": {"a": "joined", "b": "joined"}}


async def test_after_the_branches_met_the_next_effect_is_ordinary_and_then_they_are_fast_again() -> None:
    """Which branch was last is an arrival: the schedule event commits it (2.2)."""
    drawn = forked([sets("a1", "P/join", x=1)], [sets("b1", "P/join", y=2)])
    steps = {**drawn.steps, "after": say("after", "more"), "more": say("more", "end")}
    nodes = {**drawn.nodes, "more": drawn.nodes["after"].but(entry="more", label="more")}
    state, world = await walked(drawn.but(steps=steps, nodes=nodes))
    assert [effect.node for effect in world.ordinary] == ["after"]
    assert world.said == ["after", "more"]
    assert (state.frame.vars, state.commits) == ({"x": 1, "y": 2}, False)


async def test_the_first_of_any_goes_on_and_the_other_is_given_up() -> None:
    drawn = forked([call("a1", "P/join")], [call("b1", "b2"), call("b2", "P/join")], **ANY)
    state, world = await walked(drawn, seconds={"a1": 2, "b1": 5})
    assert state.ending is not None
    assert state.ending.results == {"how": {"a": "joined", "b": "abandoned"}}
    assert world.said == ["a1", "after", "b1"], (
        "what was under way is not called back, and nothing follows it"
    )
    assert ("b1", "done", "abandoned") in [row[1:] for row in world.recorded()]
    assert world.landed == {}, "what was in flight has landed before the end"


async def test_a_branch_that_fails_takes_the_fork_out_by_error() -> None:
    drawn = forked([call("a1", "P/join")], [call("b1", "P/join")])
    state, world = await walked(drawn, verdict=failing("a1"), seconds={"a1": 1, "b1": 5})
    assert state.ending is not None
    assert world.said == ["lost", "b1"], "b1 was under way"
    assert state.ending.results == {"how": {"a": "failed", "b": "abandoned"}}


@pytest.mark.parametrize(
    ("join", "lost", "said"),
    [
        ({"need": 2, "enough": 0}, ("a1",), "after"),
        ({"need": 2, "enough": 0}, ("a1", "b1"), "after"),
        ({"need": 1, "enough": 1}, ("a1",), "after"),
        ({"need": 1, "enough": 1}, ("a1", "b1"), "lost"),
        ({"need": 2, "enough": 2}, ("b1",), "lost"),
    ],
)
async def test_a_tolerant_fork_goes_on_with_as_many_as_are_enough(
    join: dict[str, Any], lost: tuple[str, ...], said: str
) -> None:
    drawn = forked([call("a1", "P/join")], [call("b1", "P/join")], **join, tolerant=True)
    _, world = await walked(drawn, verdict=failing(*lost))
    assert world.said[-1] == said


async def test_the_error_of_a_branch_is_told_on_the_node() -> None:
    drawn = forked([call("a1", "P/join")], [call("b1", "P/join")])
    nodes = {**drawn.nodes, "P": drawn.nodes["P"].but(exits={**drawn.nodes["P"].exits, "error": FAIL})}
    state, _ = await walked(drawn.but(nodes=nodes), verdict=failing("b1"))
    assert state.ending is not None
    assert state.ending.error is not None
    assert state.ending.error.message == "HTTP_500: no"


async def test_an_end_inside_a_branch_ends_everything() -> None:
    drawn = forked([call("a1", "end")], [Sleep(id="b1", node="b1", seconds=900, to="P/join")])
    state, world = await walked(drawn)
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("completed", ["a1"])


async def test_a_person_is_heard_while_the_other_branch_sleeps_and_calls() -> None:
    ask = Wait(id="a1", node="a1", to={"answer": "a2"})
    drawn = forked(
        [ask, say("a2", "P/join", "{{@.text}}{{nodes.a1}}")],
        [Sleep(id="b1", node="b1", seconds=60, to="b2"), call("b2", "P/join")],
    )
    _, world = await walked(drawn, [message(1, "Asha", after=5)])
    assert world.said == ["Asha", "b2", "after"]
    waits = [flush.standing for flush in world.flushes if flush.standing.status == "waiting_input"]
    assert {standing.node for standing in waits} == {"a1"}, "who looks sees that a person is awaited"


@pytest.mark.parametrize("every", [1, 2, 3, 5])
async def test_forks_are_carried_through_continue_as_new(every: int) -> None:
    inner = [fork("c", "d", **TWO).but(id="Q", node="Q"), Join(id="Q/join", node="Q")]
    inner += [call("c1", "Q/join"), call("d1", "Q/join")]
    drawn = forked([*inner[:1], call("a9", "P/join"), *inner[1:]], [call("b1", "P/join")])
    exits = {"c": "c1", "d": "d1", "joined": "a9", "error": FAIL}
    drawn = drawn.but(nodes={**drawn.nodes, "Q": drawn.nodes["Q"].but(exits=exits)})
    plain, _ = await walked(drawn)
    state, world = await walked(drawn, limits=Limits(every_steps=every))
    assert state.ending == plain.ending
    assert sorted(world.said) == ["a9", "after", "b1", "c1", "d1"]
    seqs = [row[0] for row in world.recorded()]
    assert seqs == sorted(seqs)


async def test_an_outer_fork_gives_up_what_its_branches_began() -> None:
    inner = [fork("c", "d", **TWO).but(id="Q", node="Q"), Join(id="Q/join", node="Q")]
    inner += [Sleep(id="c1", node="c1", seconds=900, to="Q/join"), call("d1", "Q/join")]
    drawn = forked([*inner, on("a9", "P/join")], [Sleep(id="b1", node="b1", seconds=9, to="P/join")], **ANY)
    exits = {"c": "c1", "d": "d1", "joined": "a9", "error": FAIL}
    drawn = drawn.but(nodes={**drawn.nodes, "Q": drawn.nodes["Q"].but(exits=exits)})
    state, world = await walked(drawn)
    assert (len(state.tokens), state.forks) == (1, ())
    assert world.now < START + timedelta(seconds=60)
    assert ("c1", "done", "abandoned") in [row[1:] for row in world.recorded()]


async def test_a_word_that_does_not_come_back_leads_out_of_the_branch_and_the_others_are_given_up() -> None:
    ask = Wait(id="a1", node="a1", to={"answer": "P/join"}, interrupts={"agent": Interrupt(to="side")})
    drawn = forked([ask], [Sleep(id="b1", node="b1", seconds=900, to="P/join")])
    side = say("side", "end")
    exits = {**drawn.nodes["a1"].exits, "interrupt": "side"}
    nodes = {**drawn.nodes, "side": drawn.nodes["after"].but(entry="side", label="side")}
    nodes["a1"] = nodes["a1"].but(exits=exits)
    left = drawn.but(steps={**drawn.steps, "side": side}, nodes=nodes)
    state, world = await walked(left, [message(1, "Agent", after=5)])
    assert state.ending is not None
    assert (world.said, state.forks, len(state.tokens)) == (["side"], (), 1)
    assert [effect.node for effect in world.ordinary] == ["side"], "it commits which branch was heard"
    assert ("b1", "done", "abandoned") in [row[1:] for row in world.recorded()]
