"""Which nodes and exits of a flow no conversation took."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from compiler.graph import Graph


class Coverage(NamedTuple):
    """Nodes, and exits with an edge, that the drawing has and that conversations came by."""

    nodes: Sequence[str]
    exits: Sequence[tuple[str, str]]
    missed_nodes: Sequence[str]
    missed_exits: Sequence[tuple[str, str]]

    @property
    def percent(self) -> float:
        """Nodes and exits together, 0 to 100, never rounded up to it."""
        total = len(self.nodes) + len(self.exits)
        missed = len(self.missed_nodes) + len(self.missed_exits)
        return int(1000 * (total - missed) / total) / 10 if total else 100.0


def coverage_of(graph: Graph, walked: Iterable[Mapping[str, Sequence[str]]]) -> Coverage:
    """The coverage of a drawing by what conversations walked: exits by node."""
    came: set[str] = set()
    left: set[tuple[str, str]] = set()
    for exits in walked:
        came |= exits.keys()
        left |= {(node, exit) for node, taken in exits.items() for exit in taken}
    nodes = [node.id for node in graph.nodes]
    drawn = list(dict.fromkeys((edge.from_, edge.exit) for edge in graph.edges))
    return Coverage(
        nodes,
        drawn,
        [node for node in nodes if node not in came],
        [one for one in drawn if one not in left],
    )
