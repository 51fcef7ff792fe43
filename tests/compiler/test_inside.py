"""What is found about branches and bodies: names and variables, ways out, loops that never wait."""

from typing import Any

import pytest

from tests.compiler.documents import END, START, codes, compiled, edge, flow, message, question
from tests.compiler.test_regions import TEST, each, fork

Nodes = list[dict[str, Any]]
BACK = [edge("a", "p"), edge("b", "p")]
BRANCHES = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), *BACK]
BODY = [edge("start", "l"), edge("l", "m", "body"), edge("m", "l")]


def sets(id: str, name: str, value: Any = 1) -> dict[str, Any]:
    """A node that sets a variable."""
    return {"id": id, "type": "set_variables", "config": {"set": {name: value}}}


def delay(id: str) -> dict[str, Any]:
    """A node that waits for the clock."""
    return {"id": id, "type": "delay", "config": {"for": "1m"}}


def reading(name: str, *nodes: dict[str, Any], edges: Nodes) -> list[str]:
    """What is found where a message reads a variable after the nodes."""
    last = [message("after", f"{{{{{name}}}}}"), END]
    return codes(flow([START, *nodes, *last], [*edges, edge("after", "end")]))


# Names and variables


def test_item_and_number_are_known_in_the_body() -> None:
    nodes = [each("l", index="i"), message("m", "{{i}}: {{of_l.name}}")]
    assert codes(flow([START, *nodes, END], [*BODY, edge("l", "end")])) == []


@pytest.mark.parametrize("text", ["{{of_l}}", "{{i}}"])
def test_they_are_not_known_once_the_loop_is_done(text: str) -> None:
    nodes = [each("l", index="i"), message("m"), message("after", text)]
    found = compiled(flow([START, *nodes, END], [*BODY, edge("l", "after"), edge("after", "end")])).errors
    assert [(one.code, one.node) for one in found] == [("UNKNOWN_VARIABLE", "after")]
    assert "in the body of 'l' only" in found[0].message


def test_the_number_is_known_in_the_loops_own_condition() -> None:
    condition = {"left": "{{i}}", "operator": "lt", "right": 3}
    loop = {"id": "l", "type": "loop", "config": {"mode": "while", "condition": condition, "index": "i"}}
    assert codes(flow([START, loop, message("m"), END], [*BODY, edge("l", "end")])) == []


def test_a_condition_on_an_edge_in_the_body_knows_the_item() -> None:
    condition = {"left": "{{of_l}}", "operator": "eq", "right": 3}
    edges = [edge("start", "l"), edge("l", "end", "body", condition=condition), edge("l", "m", "body")]
    nodes = [START, each("l"), message("m"), END]
    assert codes(flow(nodes, [*edges, edge("m", "l"), edge("l", "end")])) == []


def test_javascript_in_the_body_knows_the_item() -> None:
    script = {"id": "m", "type": "script", "config": {"javascript": "return vars.of_l + 1", "saveTo": "n"}}
    nodes = [START, each("l"), script, message("out", "{{n | default:'none'}}"), END]
    assert codes(flow(nodes, [*BODY, edge("l", "out"), edge("out", "end")])) == []


@pytest.mark.parametrize(("mode", "found"), [("while", ["MAYBE_UNSET"]), ("until", [])])
def test_what_a_body_sets_is_sure_after_until_only(mode: str, found: list[str]) -> None:
    loop = {"id": "l", "type": "loop", "config": {"mode": mode, "condition": TEST}}
    assert reading("x", loop, sets("m", "x"), edges=[*BODY, edge("l", "after")]) == found


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, []),
        ({"join": 2}, []),
        ({"join": 2, "onFailure": "continue"}, []),
        ({"join": "any"}, ["MAYBE_UNSET"]),
        ({"join": 1}, ["MAYBE_UNSET"]),
        ({"onFailure": "continue"}, ["MAYBE_UNSET"]),
    ],
)
def test_what_one_branch_sets_is_sure_when_all_have_met(config: dict[str, Any], found: list[str]) -> None:
    nodes = [fork("p", **config), sets("a", "x"), message("b")]
    assert reading("x", *nodes, edges=[*BRANCHES, edge("p", "after")]) == found


@pytest.mark.parametrize(
    ("config", "found"), [({"join": "any"}, []), ({"onFailure": "continue"}, ["MAYBE_UNSET"])]
)
def test_what_every_branch_sets_is_sure_when_one_is_back(config: dict[str, Any], found: list[str]) -> None:
    nodes = [fork("p", **config), sets("a", "x"), sets("b", "x")]
    told = [
        code for code in reading("x", *nodes, edges=[*BRANCHES, edge("p", "after")]) if code == "MAYBE_UNSET"
    ]
    assert told == found


def test_what_a_branch_sets_may_be_unset_where_an_error_leads() -> None:
    nodes = [fork("p"), sets("a", "x"), message("b")]
    assert reading("x", *nodes, edges=[*BRANCHES, edge("p", "after"), edge("p", "after", "error")]) == [
        "MAYBE_UNSET"
    ]


def test_a_branch_may_read_what_another_one_sets_beside_it() -> None:
    nodes = [START, fork("p"), sets("a", "x"), message("b", "{{x | default:'not yet'}}"), END]
    assert codes(flow(nodes, [*BRANCHES, edge("p", "end")])) == []


# Ways out, and who waits


def test_a_branch_may_lead_to_an_end_that_others_lead_to_as_well() -> None:
    nodes = [START, fork("p"), {"id": "a", "type": "if", "config": {"condition": TEST}}, message("b"), END]
    edges = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), edge("a", "p", "true")]
    assert codes(flow(nodes, [*edges, edge("a", "end", "false"), edge("b", "p"), edge("p", "end")])) == []


def test_a_branch_of_an_inner_parallel_may_not_lead_to_the_outer_one() -> None:
    nodes = [START, fork("p"), fork("q", "c", "d"), message("m"), message("n"), message("b"), END]
    edges = [edge("start", "p"), edge("p", "q", "a"), edge("p", "b", "b"), edge("b", "p"), edge("p", "end")]
    edges += [edge("q", "m", "c"), edge("q", "n", "d"), edge("m", "p"), edge("n", "q"), edge("q", "p")]
    assert codes(flow(nodes, edges)) == ["BRANCH_LEADS_OUT"]


@pytest.mark.parametrize("join", ["any", "all"])
def test_a_branch_that_never_ends_must_not_be_waited_for(join: str) -> None:
    nodes = [START, fork("p", join=join), message("a"), delay("b"), END]
    edges = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), edge("a", "p"), edge("b", "b")]
    found = codes(flow(nodes, [*edges, edge("p", "end")]))
    assert found == (["BRANCH_NEVER_ENDS"] if join == "all" else [])


def test_one_branch_may_wait_for_people_and_the_other_for_the_clock() -> None:
    nodes = [START, fork("p"), question("a", "x"), delay("b"), message("m", "{{x}}"), END]
    assert codes(flow(nodes, [*BRANCHES, edge("p", "m"), edge("m", "end")])) == []


def test_a_branch_that_waits_for_the_world_waits_for_nobody_s_words() -> None:
    text = {"to": "+254711000111", "message": "Hello.", "waitForDelivery": "1h"}
    texts = {"id": "b", "type": "send_sms", "config": text}
    edges = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), edge("a", "p")]
    edges += [edge("b", "p", exit) for exit in ("sent", "delivered", "failed")]
    nodes = [START, fork("p"), question("a", "x"), texts, message("m", "{{x}}"), END]
    assert codes(flow(nodes, [*edges, edge("p", "m"), edge("m", "end")])) == []


def test_a_branch_that_waits_for_a_human_waits_for_people() -> None:
    hand_over = {"id": "b", "type": "handoff"}
    edges = [
        edge("start", "p"),
        edge("p", "a", "a"),
        edge("p", "b", "b"),
        edge("a", "p"),
        edge("b", "p", "resolved"),
    ]
    nodes = [START, fork("p"), question("a", "x"), hand_over, message("m", "{{x}}"), END]
    assert codes(flow(nodes, [*edges, edge("p", "m"), edge("m", "end")])) == ["TWO_BRANCHES_WAIT"]


# Loops that never wait


def around(first: dict[str, Any], second: dict[str, Any], **config: Any) -> list[str]:
    """What is found where a parallel of two branches leads back to itself over a message."""
    nodes = [START, fork("p", **config), first, second, message("again")]
    found = codes(flow(nodes, [*BRANCHES, edge("p", "again"), edge("again", "p")]))
    return [code for code in found if code == "ENDLESS_LOOP"]


def test_a_loop_over_branches_that_do_not_wait_is_endless() -> None:
    assert around(message("a"), message("b")) == ["ENDLESS_LOOP"]


def test_a_loop_over_branches_waits_where_one_that_is_waited_for_does() -> None:
    assert around(message("a"), delay("b")) == []


def test_it_does_not_where_enough_others_are_back_without_a_wait() -> None:
    assert around(message("a"), delay("b"), join="any") == ["ENDLESS_LOOP"]


def test_a_branch_that_never_waits_nor_comes_back_is_endless() -> None:
    nodes = [START, fork("p"), message("a"), message("b"), END]
    edges = [edge("start", "p"), edge("p", "a", "a"), edge("p", "b", "b"), edge("a", "p"), edge("b", "b")]
    assert "ENDLESS_LOOP" in codes(flow(nodes, [*edges, edge("p", "end")]))


@pytest.mark.parametrize(("last", "found"), [(delay("n"), []), (message("n"), ["ENDLESS_LOOP"])])
def test_a_branch_waits_where_an_inner_parallel_does(last: dict[str, Any], found: list[str]) -> None:
    nodes = [START, fork("p"), fork("q", "c", "d"), message("m"), last, message("b"), message("again")]
    edges = [edge("start", "p"), edge("p", "q", "a"), edge("p", "b", "b"), edge("b", "p"), edge("q", "p")]
    edges += [edge("q", "m", "c"), edge("q", "n", "d"), edge("m", "q"), edge("n", "q")]
    assert codes(flow(nodes, [*edges, edge("p", "again"), edge("again", "p")])) == found


def test_a_loop_is_bounded_by_its_limit_even_with_branches_inside() -> None:
    nodes = [START, each("l"), fork("p"), message("a"), message("b"), END]
    edges = [edge("start", "l"), edge("l", "p", "body"), *BRANCHES[1:], edge("p", "l"), edge("l", "end")]
    assert codes(flow(nodes, edges)) == []


def test_a_loop_inside_a_body_is_bounded_each_time_it_is_begun() -> None:
    nodes = [START, each("l"), each("k"), message("m"), END]
    edges = [
        edge("start", "l"),
        edge("l", "k", "body"),
        edge("k", "m", "body"),
        edge("m", "k"),
        edge("k", "l"),
    ]
    assert codes(flow(nodes, [*edges, edge("l", "end")])) == []


def test_plain_edges_that_go_round_inside_a_body_are_endless() -> None:
    nodes = [START, each("l"), {"id": "m", "type": "if", "config": {"condition": TEST}}, message("n"), END]
    edges = [edge("start", "l"), edge("l", "m", "body"), edge("m", "l", "true"), edge("m", "n", "false")]
    assert codes(flow(nodes, [*edges, edge("n", "m"), edge("l", "end")])) == ["ENDLESS_LOOP"]


def test_a_loop_begun_anew_for_ever_is_endless() -> None:
    nodes = [START, each("l"), message("m")]
    assert codes(flow(nodes, [*BODY, edge("l", "l")])) == ["ENDLESS_LOOP"]
