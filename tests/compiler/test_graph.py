"""The graph callers get, and loops."""

import pytest

from compiler.graph import Graph
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question

TEST = {"left": "{{contact.name}}", "operator": "is_set"}


def graph(document: object) -> Graph:
    """The graph of a document, whatever else is wrong with it."""
    found = compiled(document).graph
    assert found
    return found


def test_the_order_follows_the_edges_not_the_document() -> None:
    nodes = [END, message("b"), message("a"), START]
    edges = [edge("start", "a"), edge("a", "b"), edge("b", "end")]
    assert graph(flow(nodes, edges)).order == ("start", "a", "b", "end")


def test_where_the_edges_leave_a_choice_the_document_decides() -> None:
    nodes = [
        START,
        {"id": "if", "type": "if", "config": {"condition": TEST}},
        message("b"),
        message("a"),
        END,
    ]
    edges = [edge("start", "if"), edge("if", "a", "true"), edge("if", "b", "false")]
    edges += [edge("a", "end"), edge("b", "end")]
    assert graph(flow(nodes, edges)).order == ("start", "if", "b", "a", "end")


def test_the_nodes_of_a_loop_stand_together() -> None:
    nodes = [START, END, question("q", "x"), message("m")]
    edges = [edge("start", "m"), edge("m", "q"), edge("q", "m"), edge("q", "end", "invalid")]
    found = graph(flow(nodes, edges))
    assert found.loops == (("q", "m"),)
    assert found.order == ("start", "q", "m", "end")


def test_a_node_that_leads_to_itself_is_a_loop() -> None:
    nodes = [START, question("q", "x")]
    assert graph(flow(nodes, [edge("start", "q"), edge("q", "q")])).loops == (("q",),)


def test_what_can_be_reached_is_told_apart_from_what_is_there() -> None:
    found = graph(flow([START, END, message("lonely")], [edge("start", "end"), edge("lonely", "end")]))
    assert found.reachable == ("start", "end")
    assert {node.id for node in found.nodes} == {"start", "end", "lonely"}


def test_edges_show_the_exit_they_leave_by_even_where_the_author_did_not() -> None:
    document = line(question("q", "x"))
    assert [(e.from_, e.exit, e.to) for e in graph(document).edges] == [
        ("start", "next", "q"),
        ("q", "answer", "end"),
    ]


def test_a_graph_is_there_for_a_flow_with_errors() -> None:
    document = flow([START, {"id": "x", "type": "teleport"}], [edge("start", "x"), edge("x", "nowhere")])
    found = graph(document)
    assert found.order == ("start", "x")
    assert found.nodes[1].kind == "teleport"


def test_an_alias_is_shown_as_the_kind_it_names() -> None:
    document = line({"id": "x", "type": "http_request", "config": {"url": "https://a.example"}})
    assert {node.id: node.kind for node in graph(document).nodes}["x"] == "api"


@pytest.mark.parametrize(
    "waiting",
    [question("w", "x"), {"id": "w", "type": "delay", "config": {"for": "1s"}}],
    ids=["question", "delay"],
)
def test_a_loop_that_waits_is_allowed(waiting: dict[str, object]) -> None:
    nodes = [START, message("m"), waiting]
    edges = [edge("start", "m"), edge("m", "w"), edge("w", "m")]
    assert codes(flow(nodes, edges)) == []


def test_a_hand_over_breaks_a_loop_only_when_it_waits_for_the_human() -> None:
    nodes = [START, message("m"), {"id": "h", "type": "handoff"}]
    waits = flow(nodes, [edge("start", "m"), edge("m", "h"), edge("h", "m", "resolved")])
    goes_on = flow(nodes, [edge("start", "m"), edge("m", "h"), edge("h", "m")])
    assert codes(waits) == []
    assert codes(goes_on) == ["ENDLESS_LOOP", "HANDOFF_WITHOUT_RETURN"]


def test_a_loop_nobody_can_come_to_is_only_unused() -> None:
    nodes = [START, END, message("a"), message("b")]
    edges = [edge("start", "end"), edge("a", "b"), edge("b", "a")]
    assert codes(flow(nodes, edges)) == ["UNUSED_NODE", "UNUSED_NODE"]


def test_a_loop_by_the_flows_own_error_handler_is_endless_too() -> None:
    nodes = [START, message("m"), END, message("sorry")]
    edges = [edge("start", "m"), edge("m", "end"), edge("sorry", "m")]
    document = flow(nodes, edges, settings={"onError": "sorry"})
    assert codes(document) == ["ENDLESS_LOOP"]
