"""Branches and bodies: which nodes stand inside, and where edges out of them lead."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest

from compiler.dominance import dominators
from compiler.drawing import Drawing
from compiler.kinds import configure
from compiler.regions import Region, Regions
from dsl.plan import FAIL, Assign, Plan
from dsl.spec import FlowSpec
from tests.compiler.documents import END, START, codes, compiled, edge, flow, message, question
from wiring.catalog import catalogue

GRAPHS = 400
TEST = {"left": "{{contact.name}}", "operator": "is_set"}


def each(id: str, **config: Any) -> dict[str, Any]:
    """A loop over what the trigger has, its item named after it."""
    return {
        "id": id,
        "type": "loop",
        "config": {"mode": "for_each", "items": "{{trigger.all}}", "as": f"of_{id}", **config},
    }


def fork(id: str, *branches: str, **config: Any) -> dict[str, Any]:
    """A parallel node."""
    return {"id": id, "type": "parallel", "config": {"branches": list(branches or ("a", "b")), **config}}


def drawing(document: dict[str, Any]) -> Drawing:
    """A document as it was drawn, whatever is wrong with it."""
    spec = FlowSpec.model_validate(document)
    return Drawing(spec, configure(spec, catalogue())[0])


def plan(nodes: list[Any], edges: list[Any], **more: Any) -> Plan:
    """The plan of a flow that compiles without errors."""
    result = compiled(flow([START, *nodes, END], edges, **more))
    assert result.plan, result.errors
    return result.plan


def chance(random: Random) -> dict[str, Any]:
    """A small flow of any shape: every exit leads somewhere, mostly onward."""
    ids = [f"n{number}" for number in range(random.randint(2, 12))]
    makers = [each, fork, message, lambda id: {"id": id, "type": "if", "config": {"condition": TEST}}]
    nodes = [random.choice(makers)(id) for id in ids]
    exits = {
        "loop": ("body", "done"),
        "parallel": ("a", "b", "joined"),
        "message": ("next",),
        "if": ("true", "false"),
    }
    edges = [
        edge(node["id"], random.choice([*ids, "end"]), exit)
        for node in nodes
        for exit in exits[node["type"]]
        if random.random() < 0.95
    ]
    return flow([START, *nodes, END], [edge("start", ids[0]), *edges])


def reached(drawn: Drawing, without: Region | None = None) -> set[str]:
    """Nodes that the walk may come to, but not by that exit."""
    rest, seen = list(drawn.roots), set[str]()
    while rest:
        node = rest.pop()
        if node not in seen:
            seen.add(node)
            exits = drawn.arrows[node].items()
            kept = [arrows for exit, arrows in exits if without is None or (node, exit) != without[:2]]
            rest += [arrow.edge.to for arrows in kept for arrow in arrows]
    return seen


def test_a_node_is_inside_when_nothing_leads_to_it_but_that_exit(examples: int | None) -> None:
    found = 0
    for seed in range(examples or GRAPHS):
        drawn = drawing(chance(Random(seed)))
        regions = Regions(drawn)
        for region, members in regions.members.items():
            assert set(members) == reached(drawn) - reached(drawn, region), seed
            found += len(members)
    assert found > GRAPHS


def test_regions_stand_inside_one_another_in_order(examples: int | None) -> None:
    for seed in range(examples or GRAPHS):
        regions = Regions(drawing(chance(Random(seed))))
        for node in regions.drawing.nodes:
            around = [set(regions.members[region]) for region in regions.around(node)]
            assert all(inner < outer for inner, outer in pairwise(around)), seed


def test_dominators_are_those_without_which_nothing_is_reached(examples: int | None) -> None:
    for seed in range(examples or GRAPHS):
        random = Random(seed)
        count = random.randint(1, 12)
        graph = {one: [random.randrange(count) for _ in range(random.randint(0, 3))] for one in range(count)}
        found = dominators(0, graph.__getitem__)
        seen = _seen(graph, None)
        over = {one: {other for other in seen if one not in _seen(graph, other)} for one in seen}
        strict = {one: over[one] - {one} for one in seen}
        assert found == {one: max(strict[one], key=lambda o: len(over[o])) for one in seen if one}, seed


def _seen(graph: dict[int, list[int]], without: int | None) -> set[int]:
    rest, seen = [0], set[int]()
    while rest:
        one = rest.pop()
        if one != without and one not in seen:
            seen.add(one)
            rest += graph[one]
    return seen


def test_a_flow_of_two_thousand_nodes_in_loops_and_branches_compiles() -> None:
    nodes, edges, before = [START], [], "start"
    for number in range(333):
        loop, both, a, b, after = (f"{part}{number}" for part in ("l", "p", "a", "b", "m"))
        nodes += [each(loop), fork(both), message(a), message(b), message(after)]
        edges += [edge(before, loop), edge(loop, both, "body"), edge(both, a, "a"), edge(both, b, "b")]
        edges += [edge(a, both), edge(b, both), edge(both, loop), edge(loop, after)]
        before = after
    assert codes(flow([*nodes, END], [*edges, edge(before, "end")])) == []


# Where edges lead


def test_an_edge_back_ends_a_branch_or_begins_the_next_turn() -> None:
    nodes = [each("l"), fork("p"), message("a"), message("b")]
    edges = [
        edge("start", "l"),
        edge("l", "p", "body"),
        edge("p", "a", "a"),
        edge("p", "b", "b"),
        edge("l", "end"),
    ]
    found = plan(nodes, [*edges, edge("a", "p"), edge("b", "p"), edge("p", "l")])
    assert [found.nodes[id].exits["next"] for id in "ab"] == ["p/join", "p/join"]
    assert found.nodes["p"].exits["joined"] == "l/next"


def test_an_edge_from_outside_or_after_it_comes_in_anew() -> None:
    nodes = [
        each("l"),
        message("m"),
        question("more", "x"),
        {"id": "if", "type": "if", "config": {"condition": TEST}},
    ]
    edges = [
        edge("start", "l"),
        edge("l", "m", "body"),
        edge("m", "l"),
        edge("l", "more"),
        edge("more", "if"),
    ]
    found = plan(nodes, [*edges, edge("if", "l", "true"), edge("if", "end", "false")])
    assert found.nodes["start"].exits["next"] == "l"
    assert found.nodes["if"].exits["true"] == "l"


def test_an_edge_out_of_two_bodies_closes_the_inner_loop_first() -> None:
    nodes = [
        each("outer"),
        each("inner"),
        {"id": "if", "type": "if", "config": {"condition": TEST}},
        message("out"),
    ]
    edges = [edge("start", "outer"), edge("outer", "inner", "body"), edge("inner", "if", "body")]
    edges += [
        edge("if", "out", "true"),
        edge("if", "inner", "false"),
        edge("inner", "outer"),
        edge("outer", "out"),
    ]
    found = plan(nodes, [*edges, edge("out", "end")])
    step, closed = found.steps[found.nodes["if"].exits["true"]], []
    while isinstance(step, Assign):
        assert (step.node, step.values) == ("if", {})
        closed.append(step.loop)
        step = found.steps[step.to]
    assert (closed, step.id) == (["inner", "outer"], "out")


def test_an_edge_from_an_inner_body_to_the_outer_loop_closes_the_inner_one() -> None:
    nodes = [each("outer"), each("inner"), message("m")]
    edges = [
        edge("start", "outer"),
        edge("outer", "inner", "body"),
        edge("inner", "m", "body"),
        edge("m", "outer"),
    ]
    found = plan(nodes, [*edges, edge("inner", "outer"), edge("outer", "end")])
    step = found.steps[found.nodes["m"].exits["next"]]
    assert isinstance(step, Assign)
    assert (step.loop, step.to) == ("inner", "outer/next")


def test_edges_with_conditions_lead_back_too() -> None:
    nodes = [each("l"), message("m"), message("out")]
    edges = [edge("start", "l"), edge("l", "m", "body"), edge("m", "out", condition=TEST), edge("m", "l")]
    steps = plan(nodes, [*edges, edge("l", "out"), edge("out", "end")]).steps
    chosen = steps["m!next"].model_dump()
    assert chosen["to"] == "l/next"
    assert steps[chosen["cases"][0]["to"]].model_dump()["loop"] == "l"


@pytest.mark.parametrize("handler", ["fail", "handoff", "sorry"])
def test_an_error_that_nobody_connected_fails_the_branch_whatever_the_flow_says(handler: str) -> None:
    nodes = [fork("p"), message("a"), message("b"), message("sorry"), message("out")]
    edges = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), edge("a", "p"), edge("b", "p")]
    edges += [edge("p", "out"), edge("out", "sorry"), edge("sorry", "end")]
    found = plan(nodes, edges, settings={"sessionTtl": "1h", "onError": handler})
    targets = {"fail": FAIL, "handoff": "~handoff", "sorry": "sorry"}
    assert [found.nodes[id].exits["error"] for id in ("a", "b")] == [FAIL, FAIL]
    assert [found.nodes[id].exits["error"] for id in ("p", "out")] == [targets[handler]] * 2


def test_the_flows_error_handler_is_come_to_with_loops_closed() -> None:
    nodes = [each("l"), message("m"), message("sorry")]
    edges = [
        edge("start", "l"),
        edge("l", "m", "body"),
        edge("m", "l"),
        edge("l", "end"),
        edge("sorry", "end"),
    ]
    found = plan(nodes, edges, settings={"sessionTtl": "1h", "onError": "sorry"})
    step = found.steps[found.nodes["m"].exits["error"]]
    assert isinstance(step, Assign)
    assert (step.loop, step.to, found.nodes["l"].exits["limit"]) == ("l", "sorry", "sorry")
