"""Plain edges of a WorkflowSpec: whatever is accepted runs every node once, after all that lead to it."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.dialects.detect import read
from compiler.dialects.reading import Reading
from compiler.kinds import by_type
from tests.compiler.documents import compiled
from tests.compiler.partial_order import Order
from wiring.catalog import catalogue

Pairs = list[tuple[str, str]]
many = settings(max_examples=150, derandomize=True)


def workflow(pairs: Pairs, *more: str) -> dict[str, Any]:
    """A WorkflowSpec of messages with these edges."""
    ids = dict.fromkeys([id for pair in pairs for id in pair] + list(more))
    nodes = [{"id": id, "type": "MESSAGE", "config": {"text": id}} for id in ids]
    edges = [{"source": one, "target": other} for one, other in pairs]
    return {"id": "f", "name": "F", "version": 1, "nodes": nodes, "edges": edges}


def edges(text: str) -> Pairs:
    """`a>b a>c` as pairs."""
    return [(one, other) for one, _, other in (word.partition(">") for word in text.split())]


def reading(document: dict[str, Any]) -> Reading:
    """It as FlowSpec."""
    found = read(document, by_type(catalogue()))
    assert isinstance(found, Reading)
    assert found.dialect == "WorkflowSpec"
    return found


def faithful(pairs: Pairs, *more: str) -> None:
    """Every node runs once, and has behind it whatever an edge leads to it from."""
    document = workflow(pairs, *more)
    before = Order(reading(document).document).found
    assert {node["id"] for node in document["nodes"]} <= before.keys()
    assert all(one in before[other] for one, other in pairs)


def together(pairs: Pairs) -> set[frozenset[str]]:
    """Pairs of nodes of which neither surely runs before the other."""
    before = Order(reading(workflow(pairs)).document).found
    own = sorted({id for pair in pairs for id in pair})
    return {
        frozenset(two)
        for two in combinations(own, 2)
        if not (two[0] in before[two[1]] or two[1] in before[two[0]])
    }


@st.composite
def acyclic(draw: st.DrawFn) -> Pairs:
    """Any edges between up to seven nodes, from earlier to later ones."""
    ids = "abcdefg"[: draw(st.integers(2, 7))]
    return draw(st.lists(st.sampled_from(list(combinations(ids, 2))), min_size=1, max_size=12, unique=True))


@st.composite
def series_parallel(draw: st.DrawFn) -> Pairs:
    """Forks and joins inside one another, and edges that only say again what others say."""
    count = 0

    def part(depth: int) -> tuple[Pairs, str, str]:
        nonlocal count
        count += 1
        first = f"n{count}"
        if depth == 0:
            return [], first, first
        inner = [part(draw(st.integers(0, depth - 1))) for _ in range(draw(st.integers(1, 3)))]
        count += 1
        last = f"n{count}"
        found = [pair for pairs, _, _ in inner for pair in pairs]
        found += [(first, begin) for _, begin, _ in inner] + [(end, last) for _, _, end in inner]
        return found + ([(first, last)] if draw(st.booleans()) else []), first, last

    pairs = part(draw(st.integers(1, 3)))[0]
    return draw(st.permutations(pairs))


@many
@given(series_parallel())
def test_forks_inside_one_another_are_accepted_and_faithful(pairs: Pairs) -> None:
    faithful(pairs)
    result = compiled(workflow(pairs))
    assert result.success, result.errors


@many
@given(acyclic())
def test_any_drawing_without_a_circle_is_faithful_or_refused_with_a_pointer_to_an_edge(pairs: Pairs) -> None:
    found = reading(workflow(pairs)).issues
    if not found:
        faithful(pairs)
        assert compiled(workflow(pairs)).success
    for issue in found:
        assert issue.code == "UNJOINED_FORK"
        assert issue.pointer.startswith(("/edges/", "/nodes/"))


@many
@given(acyclic(), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_with_conditions_what_a_node_leads_to_runs_after_it_and_nothing_else_runs(
    pairs: Pairs, conditional: set[int], true: set[int]
) -> None:
    document = workflow(pairs)
    for index in conditional & set(range(len(pairs))):
        document["edges"][index]["condition"] = {"left": index, "operator": "eq", "right": 1}
    found = reading(document)
    if found.issues:
        return
    order = Order(found.document, lambda condition: condition["left"] in true)
    led = {node["id"] for node in document["nodes"]} - {edge["target"] for edge in document["edges"]}
    for node in [node["id"] for node in document["nodes"] if node["id"] in order.found]:
        own = [edge for edge in document["edges"] if edge["source"] == node]
        plain = [edge for edge in own if "condition" not in edge]
        taken = [edge for edge in own if "condition" in edge and edge["condition"]["left"] in true]
        for edge in taken[:1] or plain:
            assert node in order.found[edge["target"]]
            led.add(edge["target"])
    assert {node["id"] for node in document["nodes"] if node["id"] in order.found} == led


@pytest.mark.parametrize(
    ("drawing", "side_by_side"),
    [
        ("a>b a>c b>d c>d", "bc"),
        ("a>b a>c", "bc"),
        ("a>c b>c", "ab"),
        ("a>b a>c b>d c>d a>d", "bc"),
        ("a>b a>c b>d c>d d>e d>f e>g f>g", "bc ef"),
        ("f>a f>b f>c a>x b>x x>j c>j", "ab ac bc xc"),
        ("f>a f>b a>c a>d c>j d>j b>j", "ab cb db cd"),
        ("f>a a>b f>c c>d", "ac ad bc bd"),
    ],
)
def test_what_has_no_order_runs_side_by_side_and_nothing_else_does(drawing: str, side_by_side: str) -> None:
    assert together(edges(drawing)) == {frozenset(two) for two in side_by_side.split()}


def test_several_roots_begin_side_by_side() -> None:
    faithful([("a", "c")], "b", "d")
    before = Order(reading(workflow([("a", "c")], "b")).document).found
    assert "a" not in before["b"]
    assert "b" not in before["c"]


@pytest.mark.parametrize(
    ("drawing", "pointer", "said"),
    [
        ("f>a f>b a>c a>d b>d c>j d>j", "/edges/1", "share nodes, but do not all meet in one"),
        ("f>a f>b a>x a>y b>x b>y", "/edges/1", "share nodes, but do not all meet in one"),
    ],
)
def test_branches_that_cross_are_refused_at_an_edge(drawing: str, pointer: str, said: str) -> None:
    errors = compiled(workflow(edges(drawing))).errors
    assert (errors[0].code, errors[0].pointer) == ("UNJOINED_FORK", pointer)
    assert said in errors[0].message


def test_a_branch_that_leads_back_to_where_it_began_is_refused() -> None:
    document = workflow(edges("s>f f>a f>b a>j b>j"))
    again = {"left": "{{contact.name}}", "operator": "is_set"}
    document["edges"].append({"source": "a", "target": "f", "condition": again})
    (error,) = compiled(document).errors
    assert (error.code, error.pointer) == ("UNJOINED_FORK", "/edges/1")
    assert "back to it" in error.message


@pytest.mark.parametrize("known", [True, False])
def test_what_a_plain_edge_leads_to_runs_whatever_the_conditions_beside_it(known: bool) -> None:
    document = workflow(edges("f>a f>x a>x"))
    document["edges"][2]["condition"] = {"left": "{{contact.name}}", "operator": "is_set"}
    order = Order(reading(document).document, lambda _: known)
    assert order.found["x"] >= {"f", "a"}


def test_branches_that_come_to_one_node_by_conditions_only_are_refused() -> None:
    document = workflow(edges("f>a f>b a>x b>x"))
    for edge in document["edges"][2:]:
        edge["condition"] = {"left": "{{contact.name}}", "operator": "is_set"}
    (error,) = compiled(document).errors
    assert (error.code, error.pointer) == ("UNJOINED_FORK", "/edges/1")
    assert "come to 'x' by conditions only" in error.message


def test_a_way_into_the_middle_of_a_branch_is_refused_at_the_edge_that_is_it() -> None:
    document = workflow(edges("s>f f>a f>b a>x x>j b>j"))
    known = {"left": "{{contact.name}}", "operator": "is_set"}
    document["edges"].append({"source": "s", "target": "x", "condition": known})
    (error,) = compiled(document).errors
    assert (error.code, error.pointer) == ("UNJOINED_FORK", "/edges/6")


def test_a_branch_that_never_ends_is_refused() -> None:
    errors = compiled(workflow(edges("f>a f>b a>c c>a"))).errors
    assert (errors[0].code, errors[0].pointer) == ("UNJOINED_FORK", "/edges/0")
    assert "never comes to an end" in errors[0].message


def test_branches_too_deep_inside_one_another_are_refused() -> None:
    pairs = [("s", f"b{number}") for number in range(40)] + [("b0", "x0"), ("b1", "x0")]
    pairs += [pair for n in range(2, 40) for pair in ((f"x{n - 2}", f"x{n - 1}"), (f"b{n}", f"x{n - 1}"))]
    (error,) = compiled(workflow(pairs)).errors
    assert error.code == "UNJOINED_FORK"
