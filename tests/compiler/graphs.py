"""Graphs to draw: small ones by hand, and any by chance."""

from collections.abc import Sequence

from hypothesis import strategies as st

from compiler.graph import Graph, GraphEdge, GraphNode
from compiler.picture.looks import LOOKS

labels = st.text(st.characters(), max_size=40)
SHARP = "<script>alert(1)</script> \"'&;#%%{init: {}}%% `--> |x| [](){}\\n ]]> \x00\x1b\u202e"
"""What XML, Mermaid, Markdown or a terminal might take for something else."""


def graph(*edges: str, labels: Sequence[str] = (), unreachable: str = "") -> Graph:
    """A graph of edges such as `a b`, `a b answer`, or `a b answer ?` for a conditional one."""
    parts = [edge.split() for edge in edges]
    ids = list(dict.fromkeys([id for part in parts for id in part[:2]])) or ["a"]
    kinds = sorted(LOOKS)
    nodes = [
        GraphNode(
            id=id, kind=kinds[at % len(kinds)], label=(*labels, *ids[len(labels) :])[at], exits=("next",)
        )
        for at, id in enumerate(ids)
    ]
    drawn = [
        GraphEdge(from_=one, to=other, exit=(rest or ["next"])[0], conditional=rest[1:] == ["?"])
        for one, other, *rest in parts
    ]
    reachable = tuple(id for id in ids if id not in unreachable.split())
    return Graph(start=ids[0], nodes=tuple(nodes), edges=tuple(drawn), order=tuple(ids), reachable=reachable)


@st.composite
def any_graph(draw: st.DrawFn) -> Graph:
    """Up to 24 nodes with any labels, and edges between any of them."""
    count = draw(st.integers(1, 24))
    node = st.integers(0, count - 1)
    exits = st.sampled_from(["next", "answer", "timeout", "a choice <with> words"])
    edges = draw(st.lists(st.tuples(node, node, exits, st.booleans()), max_size=40))
    named = draw(st.lists(labels, min_size=count, max_size=count))
    kinds = draw(st.lists(st.sampled_from([*sorted(LOOKS), "teleport"]), min_size=count, max_size=count))
    ids = [f"n{at}" for at in range(count)]
    return Graph(
        start=ids[0],
        nodes=tuple(
            GraphNode(id=id, kind=kind, label=label, exits=("next",))
            for id, kind, label in zip(ids, kinds, named, strict=True)
        ),
        edges=tuple(
            GraphEdge(from_=ids[one], to=ids[other], exit=exit, conditional=conditional)
            for one, other, exit, conditional in edges
        ),
        order=tuple(ids),
        reachable=tuple(draw(st.lists(st.sampled_from(ids), unique=True))),
    )


def chain(count: int, skips: int) -> Graph:
    """`count` nodes in a line, with edges from each to the one `skips` further, and to the last."""
    edges = [f"n{at} n{at + 1}" for at in range(count - 1)]
    edges += [f"n{at} n{at + skips} far" for at in range(count - skips)]
    return graph(*edges, *(f"n{at} n{count - 1} timeout" for at in range(count - 2)))
