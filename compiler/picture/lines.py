"""The lines of a drawing: edges between the same two nodes are one; and how far down each node stands."""

from collections.abc import Sequence
from typing import NamedTuple

import networkx as nx

from compiler.graph import Graph


class Line(NamedTuple):
    """Edges from one node to another, by their numbers; `main`: one leaves by its node's default exit."""

    source: int
    target: int
    exits: tuple[str, ...]
    conditional: bool
    main: bool


class Ranks(NamedTuple):
    """The rank of each node, 0 at the top; and the numbers of the lines that lead back up."""

    of: list[int]
    back: frozenset[int]


def lines_of(graph: Graph) -> list[Line]:
    """In the order of the edges; conditional ones apart from the others."""
    number = {node.id: at for at, node in enumerate(graph.nodes)}
    default = [node.exits[0] if node.exits else "next" for node in graph.nodes]
    exits: dict[tuple[int, int, bool], list[str]] = {}
    for edge in graph.edges:
        found = exits.setdefault((number[edge.from_], number[edge.to], edge.conditional), [])
        if edge.exit not in found:
            found.append(edge.exit)
    return [
        Line(source, target, tuple(names), conditional, default[source] in names)
        for (source, target, conditional), names in exits.items()
    ]


def ranks_of(graph: Graph, lines: Sequence[Line]) -> Ranks:
    """Every node below those that lead to it, as far up as that allows; loops are cut where they close."""
    count = len(graph.nodes)
    start = next((at for at, node in enumerate(graph.nodes) if node.id == graph.start), 0)
    back = _closing(count, start, lines)
    forward = [line for at, line in enumerate(lines) if at not in back]
    drawn: nx.DiGraph[int] = nx.DiGraph()
    drawn.add_nodes_from(range(count))
    drawn.add_edges_from((line.source, line.target) for line in forward)
    ranks = [0] * count
    for rank, nodes in enumerate(nx.topological_generations(drawn)):
        for node in nodes:
            ranks[node] = rank
    for node in range(count):
        if node != start and not drawn.pred[node] and drawn.succ[node]:
            ranks[node] = min(ranks[below] for below in drawn.succ[node]) - 1
    return Ranks(ranks, back)


def _closing(count: int, start: int, lines: Sequence[Line]) -> frozenset[int]:
    """Lines that a walk, going deep first from the start, finds leading to where it came from."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for at, line in enumerate(lines):
        leaving[line.source].append(at)
    found, known, path = set[int](), set[int](), set[int]()
    for root in (start, *range(count)) if count else ():
        if root in known:
            continue
        stack = [(root, iter(leaving[root]))]
        known.add(root)
        path.add(root)
        while stack:
            node, rest = stack[-1]
            at = next(rest, -1)
            if at < 0:
                path.discard(node)
                stack.pop()
            elif (target := lines[at].target) in path:
                found.add(at)
            elif target not in known:
                known.add(target)
                path.add(target)
                stack.append((target, iter(leaving[target])))
    return frozenset(found)
