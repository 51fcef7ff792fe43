"""Loops and parallel branches, walked under a virtual clock."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Effect, ErrorInfo, Outcome, Report
from dsl.state import State
from tests.workflows.world import World, flow, message, plan_of, run_input, walk_on

EACH = {"mode": "for_each", "items": "{{trigger.items}}", "index": "i"}
LETTERS = {"items": ["a", "b", "c"]}


def say(id: str, text: str = "") -> dict[str, Any]:
    """A message node."""
    return {"id": id, "type": "message", "config": {"text": text or id}}


def ask(id: str, to: str, **more: Any) -> dict[str, Any]:
    """A question node."""
    return {"id": id, "type": "question", "config": {"text": id, "saveTo": to, **more}}


def loop(id: str, **config: Any) -> dict[str, Any]:
    """A loop node."""
    return {"id": id, "type": "loop", "config": config}


def both(**config: Any) -> dict[str, Any]:
    """A parallel node of two branches."""
    return {"id": "both", "type": "parallel", "config": {"branches": ["left", "right"], **config}}


def delay(id: str, seconds: int) -> dict[str, Any]:
    """A delay node."""
    return {"id": id, "type": "delay", "config": {"for": seconds}}


END = {"id": "end", "type": "end"}


async def walked(
    document: dict[str, Any], script: Sequence[Input] = (), trigger: dict[str, Any] | None = None, **more: Any
) -> tuple[State, World]:
    """A flow walked to its end from a trigger; `more` sets the world."""
    world = World(script=list(script), **more)
    run = run_input(plan_of(document), limits=world.limits, trigger=trigger or {})
    return await walk_on(run, world), world


def ended(state: State) -> tuple[str, str | None]:
    """How it ended: status and reason."""
    assert state.ending is not None
    return state.ending.status, state.ending.reason


def each(body: list[dict[str, Any]], edges: list[tuple[str, ...]], **config: Any) -> dict[str, Any]:
    """A loop over the letters whose body begins with the first of these nodes, and a word when it is done."""
    around = [("each", "body", body[0]["id"]), ("each", "done", "bye"), ("bye", "end")]
    return flow([loop("each", **{**EACH, **config}), *body, say("bye"), END], [*around, *edges])


@pytest.mark.parametrize("limits", [Limits(), Limits(every_steps=1), Limits(fast=False)])
async def test_a_body_is_gone_by_once_for_each_item(limits: Limits) -> None:
    document = each([say("m", "{{i}} is {{item}}")], [("m", "each")])
    state, world = await walked(document, limits=limits, trigger=LETTERS)
    assert world.said == ["0 is a", "1 is b", "2 is c", "bye"]
    assert ended(state) == ("completed", "completed")
    assert [token.loops for token in state.tokens] == [{}]


@pytest.mark.parametrize("items", [[], None, "abc", {"a": 1}, 3])
async def test_of_what_is_no_list_or_an_empty_one_the_body_is_not_gone_by(items: Any) -> None:
    _, world = await walked(each([say("m")], [("m", "each")]), trigger={"items": items})
    assert world.said == ["bye"]


async def test_every_turn_is_a_line_of_the_record() -> None:
    _, world = await walked(each([say("m", "{{item}}")], [("m", "each")]), trigger={"items": [1, 2]})
    assert [(node, exit) for _, node, _, exit in world.recorded()] == [
        ("start", "next"),
        ("each", "body"),
        ("m", "next"),
        ("each", "body"),
        ("m", "next"),
        ("each", "done"),
        ("bye", "next"),
        ("end", None),
    ]


async def test_every_turn_speaks_under_a_key_of_its_own() -> None:
    _, world = await walked(each([say("m", "{{item}}")], [("m", "each")]), trigger=LETTERS)
    keys = [(effect.node, effect.visit, effect.number) for effect in world.done]
    assert len(keys) == len(set(keys)) == 4


async def test_a_question_in_a_body_is_asked_again_in_each_turn() -> None:
    document = each(
        [ask("q", "said", timeout="1h"), say("m", "{{item}}={{said}}")], [("q", "m"), ("m", "each")]
    )
    _, world = await walked(document, [message(n, f"answer {n}") for n in (1, 2, 3)], trigger=LETTERS)
    assert world.said == ["q", "a=answer 1", "q", "b=answer 2", "q", "c=answer 3", "bye"]


async def test_loops_inside_one_another_know_the_items_of_both() -> None:
    inner = loop("inner", mode="for_each", items="{{item.of}}", **{"as": "part"})
    edges = [("inner", "body", "m"), ("m", "inner"), ("inner", "done", "each")]
    items = [{"name": "x", "of": [1, 2]}, {"name": "y", "of": []}, {"name": "z", "of": [3]}]
    document = each([inner, say("m", "{{item.name}}{{part}}")], edges)
    _, world = await walked(document, trigger={"items": items})
    assert world.said == ["x1", "x2", "z3", "bye"]


async def test_an_edge_out_of_a_body_ends_the_loop_and_its_names_are_forgotten() -> None:
    enough = {
        "id": "enough",
        "type": "if",
        "config": {"condition": {"left": "{{item}}", "operator": "eq", "right": "b"}},
    }
    edges = [("enough", "true", "bye"), ("enough", "false", "m"), ("m", "each")]
    state, world = await walked(each([enough, say("m", "{{item}}")], edges), trigger=LETTERS)
    assert world.said == ["a", "bye"]
    assert state.token.loops == {}


async def test_a_loop_come_to_again_begins_anew() -> None:
    nodes = [loop("each", **EACH), say("m", "{{item}}"), ask("more", "more", timeout="1h"), END]
    edges = [("each", "body", "m"), ("m", "each"), ("each", "done", "more"), ("more", "each")]
    document = flow(nodes, [*edges, ("more", "timeout", "end")])
    _, world = await walked(document, [message(1, "yes")], trigger={"items": ["a", "b"]})
    assert world.said == ["a", "b", "more", "a", "b", "more"]


def counting(mode: str, operator: str, **more: Any) -> dict[str, Any]:
    """A loop that counts n from 0, and says it afterwards."""
    condition = {"left": "{{n}}", "operator": operator, "right": 3}
    nodes = [
        {"id": "zero", "type": "set_variables", "config": {"set": {"n": 0}}},
        loop("round", mode=mode, condition=condition, **more),
        {"id": "add", "type": "set_variables", "config": {"set": {"n": "{{n | plus:1}}"}}},
        say("m", "{{n}}"),
        END,
    ]
    edges = [
        ("zero", "round"),
        ("round", "body", "add"),
        ("add", "round"),
        ("round", "done", "m"),
        ("m", "end"),
    ]
    return flow(nodes, edges)


@pytest.mark.parametrize(
    ("mode", "operator", "n"),
    [("while", "lt", "3"), ("while", "gt", "0"), ("until", "gte", "3"), ("until", "lt", "1")],
)
async def test_while_asks_before_a_turn_and_until_after_it(mode: str, operator: str, n: str) -> None:
    _, world = await walked(counting(mode, operator))
    assert world.said == [n]


async def test_a_loop_that_is_not_done_in_time_fails_the_execution_where_limit_leads_nowhere() -> None:
    state, world = await walked(counting("while", "lt", maxIterations=2))
    assert world.said == []
    assert ended(state) == ("failed", "failed")
    assert state.ending is not None
    assert state.ending.error is not None
    assert state.ending.error.message == "LOOP_LIMIT: The loop went round too often."


async def test_a_loop_may_be_done_in_the_last_turn_that_is_allowed() -> None:
    _, world = await walked(counting("while", "lt", maxIterations=3))
    assert world.said == ["3"]


async def test_steps_in_a_loop_do_not_count_as_steps_without_a_wait() -> None:
    _, world = await walked(counting("while", "lt"), limits=Limits(steps=8))
    assert world.said == ["3"]


# Branches


def parallel(left: list[dict[str, Any]], right: list[dict[str, Any]], **config: Any) -> dict[str, Any]:
    """Two branches of nodes by their default exits, then a word of how each ended."""
    edges: list[tuple[str, ...]] = []
    for exit, nodes in (("left", left), ("right", right)):
        ids = [*(node["id"] for node in nodes), "both"]
        edges += [("both", exit, ids[0]), *pairwise(ids)]
    told = say("told", "{{nodes.both.left}} {{nodes.both.right}}")
    more = [("both", "joined", "told"), ("both", "error", "oh"), ("told", "end"), ("oh", "end")]
    return flow([both(**config), *left, *right, told, say("oh"), END], [*edges, *more])


def refused(*nodes: str) -> Any:
    """A verdict: what these nodes do fails."""
    error = ErrorInfo(code="REFUSED", message="No.")

    def verdict(effect: Effect) -> Report | None:
        return (
            Report(state="failed", outcome=Outcome(exit="error", error=error))
            if effect.node in nodes
            else None
        )

    return verdict


async def test_all_branches_are_walked_and_the_walk_goes_on_when_they_have_met() -> None:
    state, world = await walked(parallel([say("a"), say("b")], [say("c")]))
    assert sorted(world.said[:-1]) == ["a", "b", "c"]
    assert world.said[-1] == "joined joined"
    assert len(state.tokens) == 1
    assert state.forks == ()


async def test_a_branch_that_sleeps_does_not_keep_the_other_from_asking() -> None:
    document = parallel([delay("nap", 60), say("a")], [ask("q", "x", timeout="1h"), say("b", "{{x}}")])
    _, world = await walked(document, [message(5, "hi")])
    assert world.said == ["q", "hi", "a", "joined joined"]


async def test_of_any_the_first_that_is_back_goes_on_and_the_others_are_given_up() -> None:
    document = parallel([delay("nap", 60), say("a")], [delay("blink", 1), say("b")], join="any")
    state, world = await walked(document)
    assert world.said == ["b", "abandoned joined"]
    assert (world.now - world.flushes[0].at).total_seconds() < 60
    assert ended(state) == ("completed", "completed")


async def test_an_error_in_a_branch_leaves_by_error_and_gives_up_the_other() -> None:
    document = parallel([delay("nap", 60), say("a")], [say("b")])
    _, world = await walked(document, verdict=refused("b"))
    assert world.said == ["oh"]


async def test_where_branches_may_fail_the_walk_goes_on_without_them() -> None:
    document = parallel([delay("nap", 60), say("a")], [say("b")], onFailure="continue")
    _, world = await walked(document, verdict=refused("b"))
    assert world.said == ["a", "joined failed"]


async def test_too_few_are_back_when_all_have_ended_is_an_error() -> None:
    document = parallel([say("a")], [say("b")], onFailure="continue", join=2)
    _, world = await walked(document, verdict=refused("b"))
    assert world.said == ["a", "oh"]


async def test_an_error_in_a_branch_does_not_go_to_the_flows_own_handler() -> None:
    document = parallel([say("a")], [say("b")], onFailure="continue")
    document = {**document, "settings": {"onError": "oh"}}
    _, world = await walked(document, verdict=refused("b"))
    assert world.said == ["a", "joined failed"]


async def test_an_end_in_a_branch_ends_the_execution() -> None:
    nodes = [
        both(),
        say("a"),
        delay("nap", 60),
        say("told"),
        END,
        {"id": "stop", "type": "end", "config": {"outcome": "abandoned"}},
    ]
    edges = [("both", "left", "nap"), ("nap", "both"), ("both", "right", "a"), ("a", "stop")]
    state, world = await walked(flow(nodes, [*edges, ("both", "joined", "told"), ("told", "end")]))
    assert world.said == ["a"]
    assert ended(state) == ("completed", "abandoned")


async def test_each_branch_has_a_loop_of_its_own() -> None:
    def turns(id: str, word: str) -> list[dict[str, Any]]:
        return [loop(id, mode="for_each", items="{{trigger.items}}", **{"as": word})]

    nodes = [
        both(),
        *turns("l", "x"),
        *turns("r", "x"),
        say("a", "l{{x}}"),
        say("b", "r{{x}}"),
        say("bye"),
        END,
    ]
    edges = [("both", "left", "l"), ("l", "body", "a"), ("a", "l"), ("l", "done", "both")]
    edges += [("both", "right", "r"), ("r", "body", "b"), ("b", "r"), ("r", "done", "both")]
    document = flow(nodes, [*edges, ("both", "joined", "bye"), ("bye", "end")])
    _, world = await walked(document, trigger={"items": [1, 2]})
    assert sorted(world.said[:-1]) == ["l1", "l2", "r1", "r2"]
    assert [one for one in world.said if one[0] == "l"] == ["l1", "l2"]


async def test_branches_in_a_loop_know_its_item_and_meet_in_every_turn() -> None:
    nodes = [loop("each", **EACH), both(), say("a", "a{{item}}"), say("b", "b{{item}}"), say("bye"), END]
    edges = [
        ("each", "body", "both"),
        ("both", "left", "a"),
        ("both", "right", "b"),
        ("a", "both"),
        ("b", "both"),
    ]
    edges += [("both", "joined", "each"), ("each", "done", "bye"), ("bye", "end")]
    _, world = await walked(flow(nodes, edges), trigger={"items": [1, 2]})
    assert [sorted(world.said[at : at + 2]) for at in (0, 2)] == [["a1", "b1"], ["a2", "b2"]]
    assert world.said[-1] == "bye"


@pytest.mark.parametrize("limits", [Limits(every_steps=1), Limits(fast=False, every_steps=1)])
async def test_branches_are_carried_through_continue_as_new(limits: Limits) -> None:
    document = parallel([delay("nap", 60), say("a")], [ask("q", "x", timeout="1h"), say("b", "{{x}}")])
    _, world = await walked(document, [message(5, "hi")], limits=limits)
    assert world.said == ["q", "hi", "a", "joined joined"]


async def test_a_loop_left_at_its_limit_in_a_branch_fails_the_branch_only() -> None:
    nodes = [
        both(onFailure="continue"),
        loop("l", **{**EACH, "maxIterations": 1}),
        say("a", "{{item}}"),
        say("b"),
    ]
    edges = [
        ("both", "left", "l"),
        ("l", "body", "a"),
        ("a", "l"),
        ("l", "done", "both"),
        ("both", "right", "b"),
    ]
    told = say("told", "{{nodes.both.left}}")
    edges += [("b", "both"), ("both", "joined", "told"), ("told", "end")]
    _, world = await walked(flow([*nodes, told, END], edges), trigger=LETTERS)
    assert sorted(world.said[:2]) == ["a", "b"]
    assert world.said[2:] == ["failed"]


STOP = {"interrupts": {"stop": {"to": "bye"}}, "sessionTtl": "1h"}


async def test_a_word_whose_exit_leads_back_ends_its_branch() -> None:
    document = parallel([say("a")], [ask("q", "x")])
    edges = [*document["edges"], {"from": "q", "exit": "interrupt", "to": "both"}]
    document = {**document, "edges": edges, "settings": {**STOP, "interrupts": {"stop": {"to": "oh"}}}}
    _, world = await walked(document, [message(1, "stop")])
    assert sorted(world.said[:-1]) == ["a", "q"]
    assert world.said[-1] == "joined joined"


async def test_a_word_whose_exit_leads_back_begins_the_next_turn() -> None:
    document = each([ask("q", "x")], [("q", "each"), ("q", "interrupt", "each")])
    _, world = await walked(
        {**document, "settings": STOP}, [message(n, "stop") for n in (1, 2, 3)], trigger=LETTERS
    )
    assert world.said == ["q", "q", "q", "bye"]


async def test_a_word_that_leads_elsewhere_gives_up_the_loop_and_the_other_branches() -> None:
    document = parallel([delay("nap", 60), say("a")], [ask("q", "x")])
    document = {**document, "settings": {**STOP, "interrupts": {"stop": {"to": "oh"}}}}
    state, world = await walked(document, [message(1, "stop")])
    assert world.said == ["q", "oh"]
    assert (len(state.tokens), state.forks) == (1, ())
