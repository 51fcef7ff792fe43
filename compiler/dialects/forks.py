"""Plain edges of one node run side by side: where they fork, and where they meet again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from compiler.dominance import dominators

DEEPEST = 16
"""Branches of one node may meet in parts, so many times inside one another."""
MOST_STEPS = 1_000_000
"""A drawing whose forks take more to follow has too many of them inside one another."""


@dataclass(eq=False, slots=True)
class Arc:
    """An edge between nodes; `cause` points to what in the document it stands for."""

    source: str
    target: str
    cause: str
    exit: str | None = None
    """None: the default one."""
    plain: bool = True
    soft: bool = False
    """The end of a path on which no condition held; among branches it ends a branch."""


@dataclass(frozen=True, eq=False)
class Fork:
    """What begins each branch (an arc, or a fork of its own), where all meet, and the nodes between."""

    branches: tuple["Arc | Fork", ...]
    join: str
    nodes: frozenset[str]

    @property
    def first(self) -> Arc:
        """The arc drawn first."""
        one = self.branches[0]
        return one if isinstance(one, Arc) else one.first

    def inner(self) -> Iterator["Fork"]:
        """The forks that begin branches of this one."""
        yield from (one for one in self.branches if isinstance(one, Fork))


class Crossing(Exception):
    """Branches that do not meet in one place: a sentence, and the arc to look at."""

    def __init__(self, arc: Arc, text: str) -> None:
        super().__init__(text)
        self.arc = arc
        self.text = text


class Meetings:
    """Where paths of a drawing meet before they come to `end`, by its tree of post-dominators."""

    def __init__(self, arcs: Sequence[Arc], end: str) -> None:
        self.end = end
        self.soft = {arc.source for arc in arcs if arc.soft}
        self.out: dict[str, list[Arc]] = defaultdict(list)
        self.into: dict[str, list[Arc]] = defaultdict(list)
        drawn = [arc for arc in arcs if not arc.soft]
        for arc in drawn:
            self.out[arc.source].append(arc)
            self.into[arc.target].append(arc)
        self.above = _post_dominators(drawn, end)
        self.surely_above = _post_dominators(arcs, end) if self.soft else self.above
        self.steps = 0

    def begin(self, arcs: Sequence[Arc], depth: int = 0) -> Arc | Fork:
        """What these plain arcs of one exit begin: a fork, or a single arc. Raises `Crossing`.

        An arc straight to where the others lead as well begins nothing: what it leads to runs after those.
        """
        if len(arcs) == 1:
            return arcs[0]
        join = self._meeting(arcs)
        branches = [arc for arc in arcs if arc.target != join] or [arcs[0]]
        regions = self._regions(branches, join)
        nodes = frozenset[str]().union(*regions.values())
        if not self.soft.isdisjoint(nodes):
            self._surely(arcs, join)
        if len(branches) < len(arcs):
            begun = self.begin(branches, depth)
            if self.soft.isdisjoint(nodes):
                return begun
            self._check(branches, regions)
            return Fork((begun,), join, nodes)
        if len(regions) == 1 or depth == DEEPEST:
            raise self._crossing(branches)
        self._check(branches, regions)
        return Fork(tuple(self.begin(group, depth + 1) for group in regions), join, nodes)

    def _meeting(self, arcs: Sequence[Arc]) -> str:
        """The first node that every path of all of them comes by."""
        for arc in arcs:
            if arc.target not in self.above:
                raise Crossing(arc, f"The branch at '{arc.target}' never comes to an end.")
        first, *others = (list(self._up(arc, self.above)) for arc in arcs)
        shared = set(first).intersection(*others)
        return next(node for node in first if node in shared)

    def _surely(self, arcs: Sequence[Arc], join: str) -> None:
        """One of the branches comes to the join whatever conditions hold: it is to run in any case."""
        if not any(join in self._up(arc, self.surely_above) for arc in arcs):
            text = f"Branches of '{arcs[0].source}' come to '{join}' by conditions only."
            raise Crossing(arcs[1], text)

    def _up(self, arc: Arc, above: Mapping[str, str]) -> Iterator[str]:
        node: str | None = arc.target
        while node is not None:
            self._step(arc)
            yield node
            node = above[node] if node != self.end else None

    def _regions(self, arcs: Sequence[Arc], join: str) -> dict[tuple[Arc, ...], frozenset[str]]:
        """The nodes on the way to the join, by the arcs that come to them; arcs that share nodes are one."""
        owner: dict[str, Arc] = {}
        shares: nx.Graph[Arc] = nx.Graph()
        for arc in arcs:
            shares.add_node(arc)
            shares.add_edges_from((arc, other) for other in self._claim(arc, join, owner))
        held = defaultdict(list)
        for node, arc in owner.items():
            held[arc].append(node)
        order = {arc: index for index, arc in enumerate(arcs)}
        groups = (tuple(sorted(group, key=order.__getitem__)) for group in nx.connected_components(shares))
        return {
            group: frozenset(node for arc in group for node in held[arc])
            for group in sorted(groups, key=lambda group: order[group[0]])
        }

    def _claim(self, arc: Arc, join: str, owner: dict[str, Arc]) -> set[Arc]:
        """Takes what nobody has; gives those who have the rest."""
        rest, others = [arc.target], set[Arc]()
        while rest:
            node = rest.pop()
            if node == arc.source:
                text = f"A branch of '{node}' leads back to it before the branches have met."
                raise Crossing(arc, text)
            if node in (join, self.end) or owner.get(node) is arc:
                continue
            if node in owner:
                others.add(owner[node])
                continue
            self._step(arc)
            owner[node] = arc
            rest += (one.target for one in self.out[node])
        return others

    def _check(self, arcs: Sequence[Arc], regions: Mapping[tuple[Arc, ...], frozenset[str]]) -> None:
        """Nothing leads into a branch but its own first arcs."""
        for group, region in regions.items():
            for one in (one for node in region for one in self.into[node]):
                if one.source not in region and one not in group:
                    raise Crossing(one, f"This leads into a branch of '{arcs[0].source}' from outside.")

    def _crossing(self, arcs: Sequence[Arc]) -> Crossing:
        names = ", ".join(f"'{arc.target}'" for arc in arcs[:8]) + (" and others" if len(arcs) > 8 else "")
        text = f"The branches of '{arcs[0].source}' at {names} share nodes, but do not all meet in one."
        return Crossing(arcs[1], text)

    def _step(self, arc: Arc) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Crossing(arc, "Too many branches stand inside one another.")


def _post_dominators(arcs: Sequence[Arc], end: str) -> Mapping[str, str]:
    """By node the next one that every way to the end comes by; without nodes from which none leads there."""
    before: dict[str, list[str]] = defaultdict(list)
    for arc in arcs:
        before[arc.target].append(arc.source)
    leading = {arc.source for arc in arcs}
    before[end] += [node for node in before if node != end and node not in leading]
    return {end: end, **dominators(end, lambda node: before.get(node, ()))}
