"""Whole flows, as people write them and as the walk gets them."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from compiler.compile import CompilationResult, compile_flow
from simulator.flows import Flows
from simulator.talks import read_talk
from tests.golden.nodes import short
from tests.goldens import FOLDER, REPOSITORY, Golden
from wiring.catalog import catalogue

DIALECTS = {
    "spec.json": "FlowSpec",
    "executable.json": "ExecutableFlow",
    "ui.json": "UI flow",
    "workflow.json": "WorkflowSpec",
}
FLOWS = sorted(path.name for path in (FOLDER / "flows").iterdir())
DOCUMENTS = sorted(
    path.relative_to(FOLDER).as_posix() for name in DIALECTS for path in FOLDER.glob(f"flows/*/{name}")
)

EXAMPLES = sorted(path.name for path in (REPOSITORY / "examples").iterdir())


def compiled(name: str) -> CompilationResult:
    """What the compiler makes of `tests/golden/<name>`."""
    return compile_flow(json.loads((FOLDER / name).read_text()), catalogue())


def shown(result: CompilationResult) -> dict[str, Any]:
    """A plan without what is as always, steps by id."""
    assert result.plan, result.errors
    plan = result.plan.model_dump(mode="json", by_alias=True, exclude={"steps"})
    return {**plan, "steps": {id: short(step) for id, step in sorted(result.plan.steps.items())}}


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_compiles_to_its_plan(flow: str, golden: Golden) -> None:
    golden.compare(f"flows/{flow}/plan.json", shown(compiled(f"flows/{flow}/spec.json")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_flow_in_any_dialect_has_the_digest_of_its_spec(name: str) -> None:
    result = compiled(name)
    assert result.digest == compiled(f"{Path(name).parent.as_posix()}/spec.json").digest
    assert result.dialect == DIALECTS[Path(name).name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_flow_with_its_keys_in_another_order_has_the_same_digest(name: str) -> None:
    document = json.loads((FOLDER / name).read_text())
    turned = compile_flow(turn(document), catalogue())
    assert json.dumps(turn(document)) != json.dumps(document)
    assert turned.digest == compiled(name).digest


@pytest.mark.parametrize("flow", FLOWS)
def test_every_target_of_a_plan_is_a_step_of_it(flow: str) -> None:
    plan = compiled(f"flows/{flow}/spec.json").plan
    assert plan
    exits = {target for node in plan.nodes.values() for target in node.exits.values()}
    assert exits | {node.entry for node in plan.nodes.values()} | {plan.start} <= plan.steps.keys()
    assert {step.node for step in plan.steps.values()} == plan.nodes.keys()


@pytest.mark.parametrize("flow", FLOWS)
def test_order_puts_each_node_before_those_it_leads_to_unless_they_loop(flow: str) -> None:
    graph = compiled(f"flows/{flow}/spec.json").graph
    assert graph
    rank = {node: index for index, node in enumerate(graph.order)}
    assert sorted(rank) == sorted(node.id for node in graph.nodes)
    looping = {frozenset(pair) for loop in graph.loops for pair in pairwise((*loop, loop[0]))}
    back = {frozenset((e.from_, e.to)) for e in graph.edges if rank[e.from_] >= rank[e.to]}
    assert back <= looping


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_compiles_without_a_word_to_its_plan_and_its_drawing(name: str, golden: Golden) -> None:
    result = Flows(catalogue()).compiled(REPOSITORY / "examples" / name / f"{name}.json").result
    assert (result.errors, result.warnings) == ((), ())
    assert result.graph
    golden.compare(
        f"examples/{name}.json",
        {"graph": result.graph.model_dump(mode="json", by_alias=True), **shown(result)},
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_has_conversations_that_can_be_read(name: str) -> None:
    talks = list((REPOSITORY / "examples" / name).glob(f"{name}.*.talk.json"))
    assert all(read_talk(talk) for talk in talks)
    assert talks


def turn(value: Any) -> Any:
    """A JSON value with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: turn(value[key]) for key in reversed(value)}
    return [turn(item) for item in value] if isinstance(value, list) else value
