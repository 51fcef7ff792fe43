"""Dominators of a graph: what every way to a place leads over (Lengauer and Tarjan, the simple form)."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

V = TypeVar("V", bound=Hashable)


def dominators(root: V, followers: Callable[[V], Iterable[V]]) -> dict[V, V]:
    """The immediate dominator of every vertex that the root leads to, the root excepted.

    A vertex comes after its dominator. Takes O(edges * log vertices), whatever the graph.
    """
    tree = _Tree(root, followers)
    found = tree.dominators()
    return {tree.vertices[number]: tree.vertices[found[number]] for number in range(1, len(found))}


class _Tree(Generic[V]):
    """The depth-first tree, its vertices numbered as they were come to, and the forest of those looked at."""

    def __init__(self, root: V, followers: Callable[[V], Iterable[V]]) -> None:
        self.vertices: list[V] = [root]
        self.parent = [0]
        self.before: list[list[int]] = [[]]
        self._search({root: 0}, followers)
        self.semi = list(range(len(self.vertices)))
        self.label = list(range(len(self.vertices)))
        self.above: list[int | None] = [None] * len(self.vertices)

    def _search(self, number: dict[V, int], followers: Callable[[V], Iterable[V]]) -> None:
        path = [(0, iter(followers(self.vertices[0])))]
        while path:
            here, rest = path[-1]
            for vertex in rest:
                if vertex in number:
                    self.before[number[vertex]].append(here)
                    continue
                number[vertex] = len(self.vertices)
                self.vertices.append(vertex)
                self.parent.append(here)
                self.before.append([here])
                path.append((number[vertex], iter(followers(vertex))))
                break
            else:
                path.pop()

    def dominators(self) -> list[int]:
        """By number; from the last vertex to the first, each once all behind it are looked at."""
        found = [0] * len(self.vertices)
        waiting: list[list[int]] = [[] for _ in self.vertices]
        for here in range(len(self.vertices) - 1, 0, -1):
            self.semi[here] = min(self.semi[self._least(one)] for one in self.before[here])
            waiting[self.semi[here]].append(here)
            parent = self.above[here] = self.parent[here]
            for one in waiting[parent]:
                least = self._least(one)
                found[one] = least if self.semi[least] < self.semi[one] else parent
            waiting[parent] = []
        for here in range(1, len(self.vertices)):
            if found[here] != self.semi[here]:
                found[here] = found[found[here]]
        return found

    def _least(self, vertex: int) -> int:
        """The vertex of the least semi-dominator on the way up the forest; makes the way shorter."""
        path, here = [vertex], vertex
        while (up := self.above[here]) is not None:
            path.append(up)
            here = up
        root = path.pop()
        for below, one in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
            if self.semi[self.label[one]] < self.semi[self.label[below]]:
                self.label[below] = self.label[one]
            self.above[below] = root
        return self.label[vertex]
