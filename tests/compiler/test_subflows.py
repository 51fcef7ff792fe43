"""A flow among others: what it refers to, what is fixed in its plan, what its contract says."""

from typing import Any

import pytest

from compiler.compile import CompilationResult, compile_flow
from compiler.subflows import references as referred
from dsl import plan
from dsl.published import Published
from tests.compiler.documents import END, START, edge, flow, line, message
from tests.golden.published import PUBLISHED, digest
from wiring.catalog import catalogue


def subflow(id: str, reference: str, **config: Any) -> dict[str, Any]:
    """A node that walks another flow."""
    return {"id": id, "type": "subflow", "config": {"flow": reference, **config}}


def compiled(document: Any, published: dict[str, Published] = PUBLISHED) -> CompilationResult:
    """The document, compiled beside the golden published flows."""
    return compile_flow(document, catalogue(), published)


def references(document: Any) -> frozenset[str]:
    """The flows that a document asks for."""
    return referred(document, catalogue())


def codes(document: Any) -> list[str]:
    """The codes of all findings, errors first."""
    result = compiled(document)
    return [found.code for found in (*result.errors, *result.warnings)]


def test_a_reference_is_fixed_by_the_digest_of_what_is_published() -> None:
    document = line(subflow("first", "ask@1"), subflow("second", "counts"))
    made = compiled(document).plan
    assert made
    steps = [made.steps[id] for id in ("first", "second")]
    assert [step.plan for step in steps if isinstance(step, plan.Subflow)] == [digest("1"), digest("c")]


def test_a_plan_names_all_plans_below_it_once_whatever_the_drawing() -> None:
    nodes = [subflow("a", "asks"), subflow("b", "counts"), subflow("c", "asks")]
    made, turned = compiled(line(*nodes)).plan, compiled(line(*reversed(nodes))).plan
    assert made
    assert turned
    assert made.plans == turned.plans == (digest("2"), digest("a"), digest("c"))


def test_what_nothing_leads_to_is_not_walked() -> None:
    document = line(message("hello"))
    document["nodes"].append(subflow("lonely", "counts"))
    made = compiled(document).plan
    assert made
    assert made.plans == ()


def test_another_publication_makes_another_plan_and_the_same_one_the_same() -> None:
    document = line(subflow("it", "counts"))
    other = {**PUBLISHED, "counts": PUBLISHED["counts"].but(digest=digest("f"))}
    assert compiled(document).digest == compiled(document).digest
    assert compiled(document).digest != compiled(document, other).digest


def test_fifteen_flows_may_be_below_one_and_no_more() -> None:
    deep = {"deep": PUBLISHED["deepest"].but(flow="deep", depth=15)}
    assert compiled(line(subflow("it", "deep")), deep).success
    deeper = {"deep": deep["deep"].but(depth=16)}
    assert [found.code for found in compiled(line(subflow("it", "deep")), deeper).errors] == [
        "SUBFLOW_TOO_DEEP"
    ]


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [("ask", ["SUBFLOW_CYCLE"]), ("ask@1", ["SUBFLOW_CYCLE"]), ("asks", ["SUBFLOW_CYCLE"]), ("counts", [])],
)
def test_a_flow_that_comes_to_itself_is_refused_whichever_way_it_takes(
    reference: str, wrong: list[str]
) -> None:
    assert codes(line(subflow("it", reference), id="ask")) == wrong


def test_a_loop_through_a_flow_that_waits_is_no_endless_one() -> None:
    nodes = [START, subflow("it", "asks"), END]
    round_and_round = [edge("start", "it"), edge("it", "it"), edge("it", "end", "failed")]
    assert codes(flow(nodes, round_and_round)) == []
    nodes[1] = subflow("it", "counts")
    assert codes(flow(nodes, round_and_round)) == ["ENDLESS_LOOP"]


def test_outputs_are_set_where_it_is_done_and_not_where_it_failed() -> None:
    nodes = [START, subflow("it", "counts", outputs={"sum": "total"}), message("told", "{{sum}}"), END]
    edges = [edge("start", "it"), edge("it", "told"), edge("told", "end")]
    assert codes(flow(nodes, edges)) == []
    assert codes(flow(nodes, [*edges, edge("it", "told", "failed")])) == ["MAYBE_UNSET"]


def test_a_param_that_is_required_or_has_a_default_is_surely_set() -> None:
    params = {"name": {"required": True}, "greeting": {"default": "Hello"}, "title": {}}
    told = line(message("it", "{{greeting}} {{name}}"), settings={"params": params})
    assert codes(told) == []
    assert codes(line(message("it", "{{title}}"), settings={"params": params})) == ["MAYBE_UNSET"]


def test_a_plan_declares_params_as_the_variables_they_are() -> None:
    params = {"name": {"required": True, "pii": True}, "greeting": {"default": "Hello"}}
    made = compiled(
        line(message("it"), settings={"params": params}, variables={"count": {"default": 1}})
    ).plan
    assert made
    assert {name: (told.default, told.pii) for name, told in made.variables.items()} == {
        "count": (1, False),
        "name": (None, True),
        "greeting": ("Hello", False),
    }


def test_an_output_that_an_end_gives_may_be_declared() -> None:
    document = line(message("it"), settings={"outputs": {"total": {"type": "number"}}})
    assert codes(document) == ["OUTPUT_NOT_GIVEN"]
    document["nodes"][-1] = {**END, "config": {"outputs": {"total": 1}}}
    assert codes(document) == []


def test_references_are_what_the_nodes_of_any_dialect_name() -> None:
    assert references(line(subflow("a", "ask"), subflow("b", "ask@1"), subflow("c", "ask"))) == {
        "ask",
        "ask@1",
    }
    executable = {
        "id": "x",
        "name": "X",
        "startNodeId": "a",
        "nodes": {"a": {"id": "a", "type": "subflow", "config": {"flow": "ask"}, "transitions": []}},
    }
    assert references(executable) == {"ask"}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"nodes": None},
        {"nodes": [1, {"type": "subflow"}, {"type": "subflow", "config": []}]},
        line(subflow("a", "not a reference"), {"id": "b", "type": "subflow", "config": {"flow": 5}}),
        line(subflow("a", "ask\x00")),
        line(subflow("a", "x" * 129)),
        line({"id": "a", "type": "message", "config": {"flow": "ask"}}),
    ],
)
def test_what_names_no_flow_is_no_reference(document: Any) -> None:
    assert references(document) == frozenset()
