"""UI flow: what it means as FlowSpec, and pointers back into the canvas."""

import copy
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.compile import compile_flow
from tests.compiler.canvases import canvas
from tests.compiler.documents import compiled, flow, line, message
from tests.model.dice import Dice, throws
from tests.model.flows import flow_of
from wiring.catalog import catalogue

PLACE = {"position": {"x": 0, "y": 0}}


def drawn(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """start → each node → end, on a canvas."""
    ids = ["start", *(node["id"] for node in nodes), "end"]
    ends = [{"id": "start", "type": "input", "data": {}}, {"id": "end", "type": "output", "data": {}}]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    placed = [{**PLACE, **node} for node in (ends[0], *nodes, ends[1])]
    about = {"id": "f", "name": "F", "settings": {"sessionTtl": "1h"}}
    return {**about, "nodes": placed, "edges": edges, **more}


def told(document: Any) -> list[tuple[str, str]]:
    """Code and pointer of every error."""
    return [(found.code, found.pointer) for found in compiled(document).errors]


@given(throws, st.integers(0, 2**32))
@settings(max_examples=150, derandomize=True)
def test_any_flow_drawn_on_a_canvas_compiles_to_the_same_plan(dice: Dice, seed: int) -> None:
    spec = flow_of(dice)
    result = compiled(canvas(copy.deepcopy(spec), Random(seed)))
    assert result.dialect == "UI flow"
    assert result.digest == compiled(spec).digest is not None, result.errors


@pytest.mark.parametrize(
    "node",
    [
        {"type": "message", "data": {"text": "Hello!"}},
        {"type": "message", "data": {"config": {"text": "Hello!"}}},
        {"type": "message", "data": {}, "config": {"text": "Hello!"}},
        {"type": "messageNode", "data": {"text": "Hello!"}},
        {"type": "Message", "data": {"text": "Hello!"}},
        {"type": "MESSAGE_NODE", "data": {"text": "Hello!"}},
        {"type": "default", "data": {"type": "message", "text": "Hello!"}},
        {"data": {"type": "message", "config": {"text": "Hello!"}}},
        {
            "type": "message",
            "data": {"text": "Hello!"},
            "parentId": "g",
            "extent": "parent",
            "ariaLabel": "x",
        },
    ],
)
def test_a_node_is_read_wherever_an_editor_puts_kind_and_config(node: dict[str, Any]) -> None:
    assert compiled(drawn({"id": "m", **node})).digest == compiled(line(message("m"))).digest is not None


@pytest.mark.parametrize("place", ["data", "node"])
def test_label_retry_and_what_to_do_on_error_stand_in_data_or_beside_it(place: str) -> None:
    said = {"label": "Look", "retry": {"attempts": 2}, "onError": {"default": 1}}
    config = {"url": "https://shop.example"}
    node = {"id": "a", "type": "api", **said, "config": config}
    sent = {"id": "a", "type": "api", "data": config | said} if place == "data" else {**node, "data": {}}
    assert compiled(drawn(sent)).digest == compiled(line(node)).digest is not None


def test_the_handle_an_edge_leaves_by_is_the_exit_and_its_label_is_for_people() -> None:
    test = {"left": "{{contact.name}}", "operator": "is_set"}
    nodes = drawn({"id": "c", "type": "if", "data": {"condition": test}})["nodes"]
    edges = [
        {"source": "start", "target": "c", "sourceHandle": None},
        {"source": "c", "target": "end", "sourceHandle": "true", "label": "known"},
        {"source": "c", "target": "end", "data": {"exit": "false", "label": "unknown"}, "type": "step"},
    ]
    result = compiled(drawn(nodes[1], edges=edges))
    assert result.plan, result.errors
    assert result.plan.nodes["c"].exits == {"true": "end", "false": "end"}


def test_an_edge_has_its_condition_in_data_or_beside_it() -> None:
    test = {"left": "{{contact.name}}", "operator": "is_set"}
    nodes = [{"id": "m", "type": "message", "data": {"text": "Hello!"}}]
    for said in ({"data": {"condition": test, "priority": 2}}, {"condition": test, "priority": 2}):
        document = drawn(*nodes)
        document["edges"].append({"source": "start", "target": "end", **said})
        result = compiled(document)
        assert result.plan, result.errors
        assert result.plan.nodes["start"].exits == {"next": "start!next"}


def test_a_canvas_without_a_name_is_named_after_nothing_and_one_without_an_id_after_its_name() -> None:
    def named(**about: str) -> tuple[str, str]:
        document = drawn()
        for key in ("id", "name"):
            del document[key]
        result = compiled({**document, **about})
        assert result.spec
        return result.spec.id, result.spec.name

    assert named() == ("untitled", "Untitled")
    assert named(name="Support Ticket (new)") == ("support-ticket-new", "Support Ticket (new)")
    assert named(name="Привет") == ("untitled", "Привет")
    assert named(id="x") == ("x", "x")


@pytest.mark.parametrize(
    ("node", "code", "pointer"),
    [
        ({"type": "message", "data": {"text": "Hi", "txt": "?"}}, "UNKNOWN_FIELD", "/nodes/1/data/txt"),
        (
            {"type": "message", "data": {"config": {"txt": "?", "text": "Hi"}}},
            "UNKNOWN_FIELD",
            "/nodes/1/data/config/txt",
        ),
        (
            {"type": "message", "data": {"config": {"text": "Hi"}, "text": "Hi"}},
            "UNKNOWN_FIELD",
            "/nodes/1/data/text",
        ),
        ({"type": "question", "data": {"text": "?"}}, "MISSING_FIELD", "/nodes/1/data/saveTo"),
        ({"type": "message", "data": {"text": "{{nobody}}"}}, "UNKNOWN_VARIABLE", "/nodes/1/data/text"),
        ({"type": "message", "data": {"label": 5, "text": "Hi"}}, "INVALID_VALUE", "/nodes/1/data/label"),
        ({"type": "x", "data": {"type": "messag", "text": "Hi"}}, "UNKNOWN_KIND", "/nodes/1/data/type"),
        ({"type": "default", "data": {"text": "Hi"}}, "UNKNOWN_KIND", "/nodes/1/type"),
        ({"type": "message", "data": ["text"]}, "INVALID_VALUE", "/nodes/1/data"),
        ({"type": "message", "data": {"text": "Hi"}, "colour": "red"}, "UNKNOWN_FIELD", "/nodes/1/colour"),
        ({"data": {"text": "Hi"}}, "MISSING_FIELD", "/nodes/1/type"),
    ],
)
def test_what_is_wrong_with_a_node_points_into_the_canvas(
    node: dict[str, Any], code: str, pointer: str
) -> None:
    assert told(drawn({"id": "m", **node})) == [(code, pointer)]


@pytest.mark.parametrize(
    ("edge", "code", "pointer"),
    [
        ({"source": "start"}, "MISSING_FIELD", "/edges/0/target"),
        ({"target": "end"}, "MISSING_FIELD", "/edges/0/source"),
        ({"source": "start", "target": "ende"}, "MISSING_NODE", "/edges/0/target"),
        ({"source": "start", "target": "end", "sourceHandle": "x"}, "UNKNOWN_EXIT", "/edges/0/sourceHandle"),
        ({"source": "start", "target": "end", "data": {"when": 1}}, "UNKNOWN_FIELD", "/edges/0/data/when"),
        ({"source": "start", "target": "end", "data": []}, "INVALID_VALUE", "/edges/0/data"),
        ({"source": "start", "target": "end", "colour": 1}, "UNKNOWN_FIELD", "/edges/0/colour"),
        (
            {"source": "start", "target": "end", "data": {"condition": {"left": 1}}},
            "INVALID_CONDITION",
            "/edges/0/data/condition",
        ),
        ("an edge", "INVALID_VALUE", "/edges/0"),
    ],
)
def test_what_is_wrong_with_an_edge_points_into_the_canvas(edge: Any, code: str, pointer: str) -> None:
    assert (code, pointer) in told(drawn(edges=[edge]))


def test_frames_around_nodes_are_no_nodes_and_do_not_shift_pointers() -> None:
    document = drawn({"id": "m", "type": "message", "data": {"text": "{{nobody}}"}})
    document["nodes"].insert(0, {"id": "g", "type": "group", **PLACE, "data": {"label": "A part"}})
    assert told(document) == [("UNKNOWN_VARIABLE", "/nodes/2/data/text")]


def test_two_plain_edges_of_a_canvas_do_not_fork() -> None:
    document = drawn()
    document["edges"].append({"source": "start", "target": "end"})
    assert told(document) == [("AMBIGUOUS_EXIT", "/edges/1")]


def test_every_kind_answers_to_its_name_in_capitals_and_in_camel_case() -> None:
    for name in catalogue():
        for written in (name.upper(), name.title().replace("_", ""), name.replace("_", "-")):
            document = flow([{"id": "n", "type": written, "data": {}}], [])
            codes = {found.code for found in compile_flow(document, catalogue()).errors}
            assert "UNKNOWN_KIND" not in codes, written
