"""The graph of a flow, for callers that draw, count or explain it."""

import networkx as nx
from pydantic import Field

from compiler.drawing import INTERRUPT, Drawing
from dsl.model import Message


class GraphNode(Message):
    """A node as drawn; `exits` are those an edge may leave by."""

    id: str
    kind: str
    label: str
    exits: tuple[str, ...] = ()


class GraphEdge(Message):
    """An edge whose ends exist."""

    from_: str = Field(alias="from")
    exit: str
    to: str
    conditional: bool = False
    priority: int = 0


class Graph(Message):
    """A flow's structure: `order` is topological where there are no loops; a loop's nodes stand together."""

    start: str | None = None
    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    order: tuple[str, ...] = ()
    reachable: tuple[str, ...] = ()
    loops: tuple[tuple[str, ...], ...] = ()


def graph_of(drawing: Drawing) -> Graph:
    """The structure of a drawing; what leads nowhere is left out."""
    edges = tuple(
        GraphEdge(
            from_=node,
            exit=exit,
            to=arrow.edge.to,
            conditional=arrow.edge.condition is not None,
            priority=arrow.edge.priority,
        )
        for node, exits in drawing.arrows.items()
        for exit, arrows in exits.items()
        for arrow in arrows
    )
    edges += tuple(
        GraphEdge(from_=node, exit=INTERRUPT, to=to) for node, led in drawing.asides.items() for to in led
    )
    order, loops = _order(list(drawing.nodes), [(edge.from_, edge.to) for edge in edges])
    return Graph(
        start=next(iter(drawing.starts), None),
        nodes=tuple(_node(drawing, id) for id in drawing.nodes),
        edges=edges,
        order=order,
        reachable=tuple(id for id in order if id in drawing.reachable),
        loops=loops,
    )


def _node(drawing: Drawing, id: str) -> GraphNode:
    node, kind = drawing.nodes[id], drawing.kinds.get(id)
    exits = kind.own_exits() if kind else ()
    return GraphNode(
        id=id, kind=kind.kind() if kind else node.type, label=node.label or id, exits=tuple(exits)
    )


def _order(
    nodes: list[str], edges: list[tuple[str, str]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Topological order over the loops taken as one, by the document's order where there is a choice."""
    drawn: nx.DiGraph[str] = nx.DiGraph()
    drawn.add_nodes_from(nodes)
    drawn.add_edges_from(edges)
    rank = {node: index for index, node in enumerate(nodes)}
    condensed = nx.condensation(drawn)
    members = {
        component: sorted(condensed.nodes[component]["members"], key=rank.__getitem__)
        for component in condensed
    }
    order = nx.lexicographical_topological_sort(condensed, key=lambda c: rank[members[c][0]])
    groups = [members[component] for component in order]
    loops = [group for group in groups if len(group) > 1 or drawn.has_edge(group[0], group[0])]
    return tuple(node for group in groups for node in group), tuple(tuple(loop) for loop in loops)
