"""Forks put into a drawing: a `parallel` node before the branches, to which each of them leads back."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from compiler.dialects.forks import Arc, Fork
from compiler.dialects.translation import free

TAKEN = frozenset({"joined", "error", "unknown"})
"""Exits that a `parallel` node has of its own."""


class Made(NamedTuple):
    """A `parallel` node that nobody drew, and the pointer to what it was made for."""

    id: str
    branches: tuple[str, ...]
    cause: str


class Joining:
    """Arcs while forks are put between them; `taken` are the ids of nodes that are there."""

    def __init__(self, arcs: Iterable[Arc], taken: set[str]) -> None:
        self.arcs: dict[Arc, None] = dict.fromkeys(arcs)
        self.taken = taken
        self.made: list[Made] = []
        self.inside: dict[str, str] = {}
        """By made node a node drawn in the branch in which it stands."""
        self.coming: dict[str, list[Arc]] = defaultdict(list)
        self.soft = [arc for arc in self.arcs if arc.soft]
        for arc in self.arcs:
            self.coming[arc.target].append(arc)

    def put(self, forks: Iterable[Fork]) -> None:
        """All of them, those inside others first."""
        for fork in sorted(forks, key=lambda fork: len(fork.nodes)):
            cause = fork.first
            self._add(Arc(cause.source, self._put(fork), cause.cause, cause.exit))

    def leave_out(self, arcs: Iterable[Arc]) -> None:
        """These are no longer drawn."""
        for arc in arcs:
            self.arcs.pop(arc, None)

    def _put(self, fork: Fork) -> str:
        first = fork.first
        starts = [self._put(one) if isinstance(one, Fork) else one.target for one in fork.branches]
        id = self._name(first.source)
        exits = tuple(f"to-{start}" if start in TAKEN else start for start in starts)
        self._close(fork, id)
        for start, exit in zip(starts, exits, strict=True):
            self._add(Arc(id, start, first.cause, exit))
        self._add(Arc(id, fork.join, first.cause, "joined"))
        self.inside[id] = first.target
        self.made.append(Made(id, exits, first.cause))
        return id

    def _name(self, source: str) -> str:
        id = free(f"{source[:100]}-fork", self.taken)
        self.taken.add(id)
        return id

    def _close(self, fork: Fork, id: str) -> None:
        """What comes to the join from a branch, or ends there for want of a true condition, leads back."""
        for arc in (*self.coming[fork.join], *self.soft):
            if (arc.soft or arc.target == fork.join) and self.inside.get(
                arc.source, arc.source
            ) in fork.nodes:
                arc.target, arc.soft = id, False
        self.coming[fork.join] = [arc for arc in self.coming[fork.join] if arc.target == fork.join]
        self.soft = [arc for arc in self.soft if arc.soft]

    def _add(self, arc: Arc) -> None:
        self.arcs[arc] = None
        self.coming[arc.target].append(arc)
