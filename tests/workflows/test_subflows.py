"""Flows inside flows: what goes in, what comes out, what the record tells; without Temporal, then with."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dsl.digests import plan_digest
from dsl.inputs import Input
from dsl.limits import Limits
from dsl.model import Json
from dsl.state import State
from simulator.flows import Flow
from tests.workflows.beside import beside, run_of
from tests.workflows.stage import Stage
from tests.workflows.world import World, flow, message, walk_on

END = {"id": "end", "type": "end"}
FAILED = {"id": "lost", "type": "end", "config": {"outcome": "failed"}}


def say(id: str, text: str) -> dict[str, Any]:
    """A message node."""
    return {"id": id, "type": "message", "config": {"text": text}}


def sub(id: str, reference: str, **config: Any) -> dict[str, Any]:
    """A node that walks another flow."""
    return {"id": id, "type": "subflow", "config": {"flow": reference, **config}}


def asking(**more: Any) -> dict[str, Any]:
    """Asks for something and gives the answer, beside what it was given."""
    settings = {
        "sessionTtl": "1h",
        "params": {"what": {"required": True}, "polite": {"default": "please"}},
    }
    question = {"text": "Your {{what}}, {{polite}}?", "saveTo": "answer"}
    outputs = {"answer": "{{answer}}", "asked": {"what": "{{what}}", "length": "{{answer | length}}"}}
    nodes = [
        {"id": "q", "type": "question", "config": question},
        {"id": "end", "type": "end", "config": {"outputs": outputs}},
    ]
    return flow(nodes, [("q", "end")], **{"id": "ask", "settings": settings, **more})


def lead() -> dict[str, Any]:
    """Asks twice by the same flow, with a variable of its own that has the name of one inside."""
    nodes = [
        {"id": "own", "type": "set_variables", "config": {"set": {"answer": "mine", "polite": "outside"}}},
        sub("name", "ask", inputs={"what": "name"}, outputs={"name": "answer", "told": "asked"}),
        sub("town", "ask", inputs={"what": "town", "polite": "{{name}}"}, outputs={"town": "answer"}),
        say(
            "thanks", "{{name}} of {{town}}, {{told.length}} letters, {{answer}}, {{nodes.town.asked.what}}."
        ),
        END,
    ]
    way = ["own", "name", "town", "thanks", "end"]
    return flow(nodes, list(pairwise(way)), id="lead", settings={"sessionTtl": "1h"})


SAID = ["Your name, please?", "Your town, Asha?", "Asha of Mombasa, 4 letters, mine, town."]
RECORD = [
    "start", "own", "name#1/start", "name#1/q", "name#1/q", "name#1/end", "name",
    "town#1/start", "town#1/q", "town#1/q", "town#1/end", "town", "thanks", "end",
]  # fmt: skip


async def walked(made: Flow, script: Sequence[Input] = (), **more: Any) -> tuple[State, World]:
    """Walked to its end."""
    world = World(script=list(script), **more)
    return await walk_on(run_of(made, world.limits), world), world


MODES = {
    "in one run": Limits(),
    "every executor an ordinary activity": Limits(fast=False),
    "continued as new after every step": Limits(every_steps=1),
    "both": Limits(fast=False, every_steps=1),
}
EVERY_MODE = pytest.mark.parametrize("limits", MODES.values(), ids=MODES)


@EVERY_MODE
async def test_a_flow_asks_by_another_which_sees_its_inputs_only(tmp_path: Path, limits: Limits) -> None:
    state, world = await walked(
        beside(tmp_path, lead(), asking()), [message(1, "Asha"), message(2, "Mombasa")], limits=limits
    )
    assert world.said == SAID
    assert state.ending
    assert state.ending.status == "completed"
    rows = world.recorded()
    assert [node for _, node, _, _ in rows] == RECORD
    assert [exit for _, node, _, exit in rows if node in ("name", "town")] == ["done", "done"]


async def test_what_is_kept_of_an_output_keeps_its_type(tmp_path: Path) -> None:
    values: dict[str, Json] = {"n": 5, "list": [1, "a"], "nothing": None, "yes": True}
    inner = flow([{"id": "end", "type": "end", "config": {"outputs": values}}], [], id="inner")
    kept = {f"my_{name}": name for name in values}
    outer = flow([sub("it", "inner", outputs=kept), END], [("it", "end")], id="outer")
    state, _ = await walked(beside(tmp_path, outer, inner))
    assert state.frames[0].vars == {f"my_{name}": value for name, value in values.items()}


def branching(onto: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Walks `inner`, and tells by which exit it came back."""
    nodes = [onto, say("well", "done"), say("badly", "failed"), END]
    edges = [("it", "well"), ("it", "failed", "badly"), ("well", "end"), ("badly", "end")]
    return flow(nodes, edges, id="outer", settings={"sessionTtl": "1h"}, **more)


WAITING = flow(
    [{"id": "q", "type": "question", "config": {"text": "?", "saveTo": "a", "timeout": "10s"}}, END],
    [("q", "end")],
    id="inner",
)


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (flow([END], [], id="inner"), ["done"]),
        (flow([{**END, "config": {"outcome": "abandoned"}}], [], id="inner"), ["done"]),
        (flow([FAILED], [], id="inner"), ["failed"]),
        (WAITING, ["?", "failed"]),
    ],
    ids=["completed", "an outcome of its own", "failed", "expired"],
)
async def test_how_it_ended_decides_the_exit(tmp_path: Path, inner: dict[str, Any], said: list[str]) -> None:
    state, world = await walked(beside(tmp_path, branching(sub("it", "inner")), inner))
    assert world.said == said
    assert state.ending
    assert state.ending.status == "completed"


async def test_a_failure_nobody_connected_ends_the_flow_as_any_error_does(tmp_path: Path) -> None:
    outer = flow([sub("it", "inner"), END], [("it", "end")], id="outer")
    state, _ = await walked(beside(tmp_path, outer, flow([FAILED], [], id="inner")))
    assert state.ending
    assert state.ending.error
    assert (state.ending.status, state.ending.error.code) == ("failed", "UNHANDLED_ERROR")
    assert "The subflow ended 'failed'" in state.ending.error.message


async def test_the_authors_own_value_stands_for_the_outputs_of_what_failed(tmp_path: Path) -> None:
    """By `done`, although nothing is."""
    node = {**sub("it", "inner", outputs={"kept": "of"}), "onError": {"default": {"of": 7, "more": 1}}}
    nowhere = {"left": 1, "operator": "eq", "right": 2}
    inner = flow(
        [
            {"id": "way", "type": "condition", "config": {"condition": nowhere}},
            {**END, "config": {"outputs": {"of": 1}}},
            FAILED,
        ],
        [("way", "true", "end"), ("way", "false", "lost")],
        id="inner",
    )
    outer = flow([node, say("well", "kept {{kept}}"), END], [("it", "well"), ("well", "end")], id="outer")
    state, world = await walked(beside(tmp_path, outer, inner))
    assert world.said == ["kept 7"]
    assert state.ending
    assert state.ending.status == "completed"


async def test_an_end_in_a_branch_inside_ends_the_flow_it_is_in(tmp_path: Path) -> None:
    """All of that one, and nothing of the one that walks it."""
    fork = {"id": "fork", "type": "parallel", "config": {"branches": ["ask", "stop"]}}
    question = {"id": "q", "type": "question", "config": {"text": "?", "saveTo": "a"}}
    given = {**END, "config": {"outputs": {"of": 1}}}
    inner = flow(
        [fork, question, say("bye", "Bye"), given, {"id": "joined", "type": "end"}],
        [
            ("fork", "ask", "q"),
            ("q", "fork"),
            ("fork", "stop", "bye"),
            ("bye", "end"),
            ("fork", "joined", "joined"),
        ],
        id="inner",
        settings={"sessionTtl": "1h"},
    )
    outer = flow(
        [sub("it", "inner", outputs={"kept": "of"}), say("well", "kept {{kept}}"), END],
        [("it", "well"), ("well", "end")],
        id="outer",
    )
    state, world = await walked(beside(tmp_path, outer, inner))
    assert world.said == ["?", "Bye", "kept 1"]
    assert state.ending
    assert state.ending.status == "completed"
    assert len(state.frames) == len(state.tokens) == 1


@EVERY_MODE
async def test_flows_may_be_inside_flows_inside_flows(tmp_path: Path, limits: Limits) -> None:
    middle = flow(
        [sub("again", "ask", inputs={"what": "{{of}}"}, outputs={"it": "answer"}),
         {**END, "config": {"outputs": {"it": "{{it | upper}}"}}}],
        [("again", "end")],
        id="middle", settings={"params": {"of": {"required": True}}},
    )  # fmt: skip
    outer = flow(
        [sub("wrap", "middle", inputs={"of": "name"}, outputs={"name": "it"}), say("hi", "Hi {{name}}"), END],
        [("wrap", "hi"), ("hi", "end")],
        id="outer",
    )
    made = beside(tmp_path, outer, middle, asking())
    state, world = await walked(made, [message(1, "Asha")], limits=limits)
    assert world.said == ["Your name, please?", "Hi ASHA"]
    assert "wrap#1/again#1/q" in {node for _, node, _, _ in world.recorded()}
    assert len(state.frames) == 1


@pytest.mark.real
@pytest.mark.parametrize(
    "limits", [Limits(), Limits(fast=False, every_steps=4)], ids=["in one run", "continued as new"]
)
async def test_on_real_parts_the_conversation_and_its_record_are_the_same(
    stage: Stage, tmp_path: Path, limits: Limits
) -> None:
    """Continued as new while it is inside, the plans below go on with the run."""
    made = beside(tmp_path, lead(), asking())
    async with stage.worker():
        handle = await stage.start_plan(made.plan, made.plans, limits=limits)
        for count, text in enumerate(["Asha", "Mombasa"], start=1):
            await stage.until_said(count)
            await stage.say(handle, text)
        await handle.result()
    assert stage.chatwoot.said("77") == SAID
    found = await stage.execution()
    assert (found["status"], found["error"]) == ("completed", None)
    assert [node for _, node, _, _ in await stage.history()] == RECORD
    continued = (await stage.client.get_workflow_handle(handle.id).describe()).run_id
    assert (continued != handle.first_execution_run_id) is bool(limits.every_steps)


@pytest.mark.real
async def test_a_run_whose_subflow_has_no_plan_fails_and_says_so(stage: Stage, tmp_path: Path) -> None:
    """Before anything is said, not at the node that would walk it."""
    made = beside(tmp_path, lead(), asking())
    async with stage.worker():
        handle = await stage.start_plan(made.plan, {})
        await handle.result()
    found = await stage.execution()
    assert (found["status"], found["error"]["code"]) == ("failed", "PLAN_MISSING")
    assert plan_digest(*made.plans.values())[:12] in found["error"]["message"]
    assert stage.chatwoot.said("77") == []


async def test_a_branch_inside_that_fails_fails_its_fork_and_not_the_flow_it_is_in(tmp_path: Path) -> None:
    fork = {"id": "fork", "type": "parallel", "config": {"branches": ["a", "b"], "onFailure": "continue"}}
    nodes = [fork, say("good", "Good"), sub("bad", "lost"), {"id": "end", "type": "end"}]
    left, right = [("fork", "a", "good"), ("good", "fork")], [("fork", "b", "bad"), ("bad", "fork")]
    edges = [*left, *right, ("fork", "joined", "end")]
    inner, lost = flow(nodes, edges, id="inner"), flow([FAILED], [], id="lost")
    state, world = await walked(beside(tmp_path, branching(sub("it", "inner")), inner, lost))
    assert world.said == ["Good", "done"]
    assert state.ending
    assert state.ending.status == "completed"
