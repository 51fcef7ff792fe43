"""The drawing: a flow's nodes with their kinds, and its edges by the exit they leave from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from compiler.structure import near
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS, Kind
from dsl.published import Published
from dsl.spec import Edge, FlowSpec, Node

START = "start"
INTERRUPT = "interrupt"


class Arrow(NamedTuple):
    """An edge whose ends exist, with the exit it leaves by spelled out; `number` is its place in the spec."""

    number: int
    exit: str
    edge: Edge

    @property
    def pointer(self) -> str:
        """Where it stands in the spec."""
        return f"/edges/{self.number}"


@dataclass(frozen=True)
class Drawing:
    """A flow as it was drawn; a node whose config is wrong has no kind here and is asked nothing."""

    spec: FlowSpec
    kinds: Mapping[str, Kind]
    published: Mapping[str, Published] = field(default_factory=dict)
    """By reference: the flows that a node may walk."""

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """By id; of two with one id the first."""
        found: dict[str, Node] = {}
        for node in self.spec.nodes:
            found.setdefault(node.id, node)
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """The node's index in the spec."""
        found: dict[str, int] = {}
        for index, node in enumerate(self.spec.nodes):
            found.setdefault(node.id, index)
        return found

    @cached_property
    def arrows(self) -> dict[str, dict[str, list[Arrow]]]:
        """By node and exit: the conditional ones by priority, then those without a condition."""
        found: dict[str, dict[str, list[Arrow]]] = {node: {} for node in self.nodes}
        for index, edge in enumerate(self.spec.edges):
            if edge.from_ in self.nodes and edge.to in self.nodes:
                exit = edge.exit or self.default_exit(edge.from_)
                found[edge.from_].setdefault(exit, []).append(Arrow(index, exit, edge))
        for exits in found.values():
            for arrows in exits.values():
                arrows.sort(key=lambda a: (a.edge.condition is None, a.edge.priority))
        return found

    @cached_property
    def exits(self) -> dict[str, frozenset[str]]:
        """By node the exits an edge leaves by, one to a missing node included: that is told elsewhere."""
        found: dict[str, set[str]] = {node: set() for node in self.nodes}
        for edge in self.spec.edges:
            if edge.from_ in self.nodes:
                found[edge.from_].add(edge.exit or self.default_exit(edge.from_))
        return {node: frozenset(exits) for node, exits in found.items()}

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Names of all variables: declared ones, and those that nodes may set."""
        sets = (name for kind in self.kinds.values() for name in kind.sets())
        return tuple(sorted({*self.spec.declared, *sets}))

    @cached_property
    def starts(self) -> list[str]:
        """Ids of the start nodes, in the order of the document."""
        return [node.id for node in self.spec.nodes if node.type == START]

    @cached_property
    def roots(self) -> list[str]:
        """Nodes that the walk may come to by no edge: from the outside, or from anywhere."""
        asides = (to for targets in self.asides.values() for to in targets)
        roots = dict.fromkeys((*self.starts, self.spec.settings.on_error, *asides))
        return [id for id in roots if id in self.nodes]

    @cached_property
    def asides(self) -> dict[str, list[str]]:
        """By node that asks: where words lead that interrupt it, if not by an edge."""
        return {
            node: self._led(node, heard)
            for node, heard in self.heard.items()
            if INTERRUPT not in self.exits[node]
        }

    @cached_property
    def returning(self) -> dict[str, list[str]]:
        """By node that asks: where the side paths begin that come back to it."""
        words = self.spec.settings.interrupts
        back = {node: [word for word in heard if words[word].return_] for node, heard in self.heard.items()}
        return {node: self._led(node, heard) for node, heard in back.items() if heard}

    def _led(self, node: str, heard: Iterable[str]) -> list[str]:
        """Where words lead from a node: by its own exit, where that is drawn."""
        if INTERRUPT in self.exits[node]:
            return [arrow.edge.to for arrow in self.arrows[node].get(INTERRUPT, ())]
        targets = dict.fromkeys(self.spec.settings.interrupts[word].to for word in heard)
        return [to for to in targets if to in self.nodes]

    @cached_property
    def heard(self) -> dict[str, tuple[str, ...]]:
        """By node that asks: the flow's words that interrupt it."""
        words = self.spec.settings.interrupts
        found = ((node, tuple(kind.interrupted_by(words))) for node, kind in self.kinds.items())
        return {node: heard for node, heard in found if heard}

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Nodes the walk may come to; all of them while there is no start to judge from."""
        return self.reached(self.roots) if self.starts else frozenset(self.nodes)

    def reached(self, roots: Iterable[str]) -> frozenset[str]:
        """The nodes themselves, and all that edges lead to from them."""
        rest, seen = list(roots), set[str]()
        while rest:
            node = rest.pop()
            if node not in seen:
                seen.add(node)
                rest += self.followers(node)
        return frozenset(seen)

    def followers(self, node: str) -> Iterator[str]:
        """Nodes that edges of this one lead to."""
        return (arrow.edge.to for arrows in self.arrows[node].values() for arrow in arrows)

    def default_exit(self, node: str) -> str:
        """The exit of an edge that names none."""
        kind = self.kinds.get(node)
        return kind.exits[0] if kind and kind.exits else "next"

    def pointer(self, node: str) -> str:
        """Where a node stands in the spec."""
        return f"/nodes/{self.places[node]}"


def edge_issues(drawing: Drawing, acting: frozenset[str]) -> Iterator[Issue]:
    """Edges that start or end nowhere, or leave by an exit that is not there.

    `acting`: nodes that speak or call, which therefore have `error` and `unknown`.
    """
    for index, edge in enumerate(drawing.spec.edges):
        missing = [
            (end, id) for end, id in (("from", edge.from_), ("to", edge.to)) if id not in drawing.nodes
        ]
        for end, id in missing:
            text = f"There is no node '{id}'{near(id, list(drawing.nodes))}"
            yield issue("MISSING_NODE", text, pointer=f"/edges/{index}/{end}")
    for node, exits in drawing.arrows.items():
        for exit, arrows in exits.items():
            yield from _exit_issues(drawing, node, exit, arrows, acting)


def _exit_issues(
    drawing: Drawing, node: str, exit: str, arrows: list[Arrow], acting: frozenset[str]
) -> Iterator[Issue]:
    kind = drawing.kinds.get(node)
    if kind is None:
        return
    known = (*kind.own_exits(), *(ALWAYS if node in acting else ()))
    if not known:
        yield from (issue("END_HAS_EDGES", node=node, pointer=arrow.pointer) for arrow in arrows)
    elif exit not in known:
        text = f"'{node}' has no exit '{exit}'; it has {', '.join(known)}."
        ends = ((a.pointer, "/exit" if a.edge.exit else "") for a in arrows)
        yield from (issue("UNKNOWN_EXIT", text, node=node, pointer=at + field) for at, field in ends)
    else:
        yield from _arrow_issues(node, exit, arrows)


def _arrow_issues(node: str, exit: str, arrows: list[Arrow]) -> Iterator[Issue]:
    plain = [arrow for arrow in arrows if arrow.edge.condition is None]
    for arrow in plain[1:]:
        text = f"More than one edge without a condition leaves '{node}' by '{exit}'."
        yield issue("AMBIGUOUS_EXIT", text, node=node, pointer=arrow.pointer)
    if not plain:
        text = (
            f"Every edge that leaves '{node}' by '{exit}' has a condition: when none holds, it leads nowhere."
        )
        yield issue("DANGLING_EXIT", text, node=node, pointer=arrows[0].pointer)
