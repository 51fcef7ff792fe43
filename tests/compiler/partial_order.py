"""What a flow of plain messages and `parallel` nodes makes sure of: what has surely run before each node."""

from collections.abc import Callable
from typing import Any

Before = dict[str, frozenset[str]]
Holds = Callable[[dict[str, Any]], bool]


class TwiceRun(Exception):
    """A node was come to a second time."""


class Order:
    """One run of a flow in FlowSpec: `found` has by node those that have ended when it begins."""

    def __init__(self, spec: dict[str, Any], holds: Holds = bool) -> None:
        self.kinds = {node["id"]: node["type"] for node in spec["nodes"]}
        self.edges = spec["edges"]
        self.holds = holds
        self.found: Before = {}
        (start,) = (id for id, kind in self.kinds.items() if kind == "start")
        self.walk(start, frozenset(), None)

    def walk(self, node: str, before: frozenset[str], fork: str | None) -> frozenset[str]:
        """Runs from a node to where its branch ends: what has then ended."""
        while node != fork:
            if node in self.found:
                raise TwiceRun(node)
            self.found[node] = before
            before |= {node}
            if self.kinds[node] == "end":
                assert fork is None, "an end inside a branch"
                return before
            if self.kinds[node] == "parallel":
                own = [edge for edge in self.edges if edge["from"] == node]
                branches = (edge["to"] for edge in own if edge["exit"] != "joined")
                before = frozenset[str]().union(*(self.walk(to, before, node) for to in branches))
                node = next(edge["to"] for edge in own if edge["exit"] == "joined")
            else:
                node = self._next(node)
        return before

    def _next(self, node: str) -> str:
        own = [edge for edge in self.edges if edge["from"] == node]
        true = [edge for edge in own if "condition" in edge and self.holds(edge["condition"])]
        (plain,) = (edge for edge in own if "condition" not in edge)
        to: str = (true or [plain])[0]["to"]
        return to
