"""What is marked in a drawing: nodes nobody comes to, and nodes with errors."""

from typing import NamedTuple

from compiler.graph import Graph
from dsl.issues import Issue
from dsl.meanings.meaning import Severity


class Marks(NamedTuple):
    """Nodes that are faded; and by node what is wrong with it, in words."""

    faded: frozenset[str]
    wrong: dict[str, list[str]]


def marks_of(graph: Graph, issues: tuple[Issue, ...]) -> Marks:
    """The marks of a flow with these findings; warnings are none."""
    wrong: dict[str, list[str]] = {}
    for found in issues:
        if found.node is not None and found.severity is Severity.ERROR:
            wrong.setdefault(found.node, []).append(f"{found.code}: {found.message}")
    reachable = frozenset(graph.reachable)
    return Marks(frozenset(node.id for node in graph.nodes) - reachable, wrong)
