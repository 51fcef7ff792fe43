"""Drawings: complete, the same each time, and safe whatever is written in a flow."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from compiler.graph import Graph
from compiler.picture.layout import Layout, laid_out
from compiler.picture.lines import ranks_of
from compiler.picture.looks import LOOKS, look_of
from compiler.picture.mermaid import mermaid_of
from compiler.picture.net import BENDS, BENDS_FOR_EACH_NODE
from compiler.picture.svg import svg_of
from compiler.picture.text import shown, width, wrapped
from dsl.issues import issue
from tests.compiler.graphs import SHARP, any_graph, chain, graph

by_chance = settings(max_examples=40)
SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {"svg", "title", "style", "defs", "marker", "path", "rect", "polygon", "circle", "text", "g"}
NODE_LINE = re.compile(
    r'    n\d+(\(\[|\(|\[/|\{\{|>|\[\[|\[)"[^"<>`\\%\[\]{}|]*"(\]\)|\)|/\]|\}\}|\]\]|\\\]|\]):::\w+'
)
EDGE_LINE = re.compile(r'    n\d+ (-->|-\.->)(\|"[^"<>`\\%\[\]{}|]*"\|)? n\d+')
STYLE_LINE = re.compile(r"    (classDef \w+ [\w:#.,\- ]+|class n\d+(,n\d+)* \w+)")


def tree(svg: str) -> ElementTree.Element:
    """The drawing as XML."""
    return ElementTree.fromstring(svg)


def having(svg: str, name: str, style: str) -> list[ElementTree.Element]:
    """The elements of a class."""
    return [one for one in tree(svg).iter(SVG + name) if style in one.get("class", "").split()]


def texts(svg: str, style: str) -> list[str]:
    """What is written in a style."""
    return ["".join(one.itertext()) for one in having(svg, "text", style)]


@pytest.mark.parametrize("kind", sorted(LOOKS))
def test_every_kind_is_drawn_with_its_shape_and_its_label(kind: str) -> None:
    drawn = graph("a b")
    node = drawn.nodes[0].model_copy(update={"kind": kind, "label": "Here"})
    drawn = drawn.model_copy(update={"nodes": (node, *drawn.nodes[1:])})
    svg, mermaid = svg_of(drawn), mermaid_of(drawn)
    assert "Here" in texts(svg, "label")
    assert kind.replace("_", " ") in texts(svg, "caption")
    assert any(look_of(kind).family in one.get("class", "") for one in tree(svg).iter())
    assert f"{kind.replace('_', ' ')}: Here" in mermaid
    assert f":::{look_of(kind).family}" in mermaid


def test_an_unknown_kind_is_a_plain_box() -> None:
    assert look_of("teleport").shape == "box"


def test_exits_stand_at_their_edges_and_conditional_ones_are_dashed() -> None:
    drawn = graph("a b true", "a c false", "b d next ?", "c d")
    svg = svg_of(drawn)
    assert sorted(texts(svg, "words")) == ["false", "true"]
    assert len(having(svg, "path", "line")) == 4
    assert len(having(svg, "path", "if")) == 1
    assert [line for line in mermaid_of(drawn).splitlines() if "-.->" in line] == ["    n1 -.-> n3"]
    assert '    n0 -->|"true"| n1' in mermaid_of(drawn).splitlines()


def test_edges_between_the_same_two_nodes_are_one_line_with_all_their_exits() -> None:
    svg = svg_of(graph("a b next", "a b timeout", "a b error", "b c"))
    assert texts(svg, "words") == ["next", "timeout", "error"]
    assert len(having(svg, "path", "line")) == 2


def test_a_loop_is_seen_leading_back() -> None:
    svg = svg_of(graph("a b", "b c", "c a again", "c d", "d d retry"))
    assert len(having(svg, "path", "back")) == 2
    assert {"again", "retry"} <= set(texts(svg, "words"))


def test_what_nobody_comes_to_is_faded_and_what_is_wrong_is_marked() -> None:
    drawn = graph("a b", "lost b", unreachable="lost")
    issues = (
        issue("INVALID_CONFIG", "No <good>", node="b"),
        issue("UNUSED_NODE", node="lost"),
        issue("NO_START_NODE"),
    )
    svg, mermaid = svg_of(drawn, issues), mermaid_of(drawn, issues)
    [faded], [wrong] = having(svg, "g", "faded"), having(svg, "g", "wrong")
    assert (faded.get("data-node"), wrong.get("data-node")) == ("lost", "b")
    assert wrong.findtext(f"{SVG}title") == "INVALID_CONFIG: No <good>"
    assert {"    class n2 faded", "    class n1 wrong"} <= set(mermaid.splitlines())


def test_words_that_look_like_markup_stay_words() -> None:
    drawn = graph("a b", labels=[SHARP])
    svg, mermaid = svg_of(drawn, title=SHARP), mermaid_of(drawn)
    assert {one.tag.removeprefix(SVG) for one in tree(svg).iter()} <= HARMLESS
    assert "".join(texts(svg, "label")).startswith("<script>alert(1)</script>")
    assert len(mermaid.splitlines()) == 6
    assert "script#62;" in mermaid
    assert "%" not in mermaid


@by_chance
@given(any_graph())
def test_any_flow_gives_good_xml_without_anything_that_acts(drawn: Graph) -> None:
    svg = svg_of(drawn, title=drawn.nodes[0].label)
    for one in tree(svg).iter():
        assert one.tag.removeprefix(SVG) in HARMLESS
        assert not [name for name in one.attrib if name.startswith("on") or "href" in name]
        assert "url(" not in "".join(value for name, value in one.items())
    assert len(having(svg, "g", "node")) == len(drawn.nodes)
    assert len(having(svg, "path", "line")) == len({(e.from_, e.to, e.conditional) for e in drawn.edges})


@by_chance
@given(any_graph())
def test_any_flow_gives_mermaid_of_known_lines_alone(drawn: Graph) -> None:
    first, *lines = mermaid_of(drawn).splitlines()
    assert first == "flowchart TD"
    kinds = [(NODE_LINE, len(drawn.nodes)), (EDGE_LINE, len(drawn.edges))]
    for pattern, count in kinds:
        assert all(pattern.fullmatch(line) for line in lines[:count]), lines[:count]
        lines = lines[count:]
    assert all(STYLE_LINE.fullmatch(line) for line in lines)


@by_chance
@given(any_graph())
def test_no_two_nodes_or_words_of_a_drawing_overlap(drawn: Graph) -> None:
    layout = laid_out(drawn)
    for row in layout.net.rows:
        for one, other in combinations(row, 2):
            apart = abs(layout.x[one] - layout.x[other])
            assert apart >= (layout.net.boxes[one].width + layout.net.boxes[other].width) / 2
    bottoms = [top + height for top, height in zip(layout.tops, layout.heights, strict=True)]
    assert all(bottom < top for bottom, top in zip(bottoms, layout.tops[1:], strict=False))


@by_chance
@given(any_graph())
def test_every_line_leads_down_but_those_that_close_a_loop(drawn: Graph) -> None:
    layout = laid_out(drawn)
    ranks = ranks_of(drawn, layout.lines)
    for at, line in enumerate(layout.lines):
        down = ranks.of[line.target] > ranks.of[line.source]
        assert down != (at in ranks.back)


@by_chance
@given(any_graph())
def test_the_same_flow_is_drawn_the_same(drawn: Graph) -> None:
    again = drawn.model_copy(deep=True)
    assert (svg_of(drawn), mermaid_of(drawn)) == (svg_of(again), mermaid_of(again))


def crossings(layout: Layout) -> int:
    """Pairs of lines that cross between two rows."""
    place = {vertex: at for row in layout.net.rows for at, vertex in enumerate(row)}
    found = 0
    for row in layout.net.rows:
        ends = [(place[one], place[bond.to]) for one in row for bond in layout.net.below[one]]
        found += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(ends, 2))
    return found


@pytest.mark.parametrize(
    "edges",
    [
        ["a b", "a c", "a d", "d e", "c f", "b g"],
        ["a b", "a c", "c d", "b e", "d f", "e f"],
        ["a b", "b c", "a d", "d e", "c z", "e z", "a z"],
    ],
)
def test_what_can_be_drawn_without_crossings_is(edges: list[str]) -> None:
    assert crossings(laid_out(graph(*edges))) == 0


def test_a_line_of_steps_is_straight() -> None:
    assert len(set(laid_out(graph("a b", "b c answer", "c d", "d e")).x)) == 1


def test_a_long_line_beside_others_is_straight_where_there_is_room() -> None:
    edges = ["a b", "a c", "b d", "c d", "b e", "c f", "d g", "e g", "f g", "g h", "a h far", "c h further"]
    layout = laid_out(graph(*edges))
    long = [layout.net.chains[at] for at, line in enumerate(layout.lines) if line.exits[0].startswith("fa")]
    assert [len({layout.x[bend] for bend in chain[1:-1]}) for chain in long] == [1]


def test_the_work_is_bounded_however_long_the_edges_are() -> None:
    count = 1_000
    layout = laid_out(chain(count, 50))
    most = count + len(layout.lines) + BENDS + BENDS_FOR_EACH_NODE * count
    assert len(layout.net.boxes) <= most
    assert len(layout.net.chains) == len(layout.lines)


def test_a_flow_without_nodes_is_an_empty_sheet() -> None:
    assert having(svg_of(Graph()), "g", "node") == []
    assert mermaid_of(Graph()) == "flowchart TD\n"


def test_long_labels_are_cut_between_words_and_end_in_an_ellipsis() -> None:
    lines = wrapped("What is your e-mail address, please, and would you kindly spell it?", 13, 120, 2)
    assert len(lines) == 2
    assert lines[0] == "What is your e-"
    assert lines[1].endswith("…")
    assert all(width(line, 13) <= 120 + 13 for line in lines)


def test_nothing_invisible_is_drawn_but_what_letters_are_made_of() -> None:
    assert shown("a\x00b\u202ec\n\td\ud800e\u200bf") == "a bc d ef"
    assert shown("\u0915\u094d\u200d\u0937 👩\u200d🔧") == "\u0915\u094d\u200d\u0937 👩\u200d🔧"
