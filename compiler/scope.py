"""Which variables are surely, possibly or never set where a template reads them."""

from collections.abc import Iterator, Mapping
from functools import cached_property, reduce
from heapq import heapify, heappop, heappush
from operator import and_, or_
from typing import NamedTuple

from compiler.asking import Asking
from compiler.drawing import INTERRUPT, Arrow, Drawing
from compiler.implied import implied
from compiler.nodes.condition import Condition
from compiler.order import Order
from compiler.regions import Region, Regions
from compiler.structure import near
from compiler.texts import Use, condition_json, uses
from dsl.issues import Issue, issue
from dsl.kind import Kind
from dsl.spec import RESERVED, Param, Variable


class Known(NamedTuple):
    """Sets of variables as bits: those set on every way here, and those set on some."""

    surely: int
    possibly: int


EVERYTHING = -1
"""What is set at the end of a branch to which no way is known (yet)."""


class Scope:
    """What is set when the walk enters each node: a forward analysis, run until it is stable.

    An error may come from anywhere, so the node that errors lead to possibly knows every variable.
    """

    def __init__(self, drawing: Drawing, regions: Regions) -> None:
        self.drawing = drawing
        self.regions = regions
        self.ended: dict[Region, int] = {}
        self.bits: dict[str, int] = {}
        declared = drawing.spec.declared
        given = sum(self._bit(name) for name, v in declared.items() if _given(v))
        self.sets = {id: self._mask(set(kind.sets())) for id, kind in drawing.kinds.items()}
        self.at_start = Known(given, sum(self._bit(name) for name in declared))
        self.returning = self._returning()
        self.entering = self._flow()

    def _bit(self, name: str) -> int:
        return 1 << self.bits.setdefault(name, len(self.bits))

    def _mask(self, names: set[str]) -> int:
        return sum(self._bit(name) for name in sorted(names))

    def _flow(self) -> dict[str, Known]:
        found = dict.fromkeys(self.drawing.starts, self.at_start)
        handler = self.drawing.spec.settings.on_error
        if handler in self.drawing.nodes:
            found[handler] = Known(self.at_start.surely, (1 << len(self.bits)) - 1)
        order = Order(self.drawing, found)
        around = self._around(order)
        rest, waiting = [(order.rank[node], node) for node in found], set(found)
        heapify(rest)
        while rest:
            _, node = heappop(rest)
            waiting.discard(node)
            for to, after, region in self._onward(node, found[node]):
                merged = _merge(found.get(to), after)
                merged = Known(merged.surely, merged.possibly | self.returning.get(to, 0) | around.get(to, 0))
                if self._ends(region, after.surely) or merged != found.get(to):
                    found[to] = merged
                    if to not in waiting:
                        waiting.add(to)
                        heappush(rest, (order.rank[to], to))
        return found

    def _around(self, order: Order) -> dict[str, int]:
        """By node of a loop: what any node of it sets, which would else take many rounds to come about."""
        sets = ((loop, reduce(or_, (self.sets.get(node, 0) for node in loop), 0)) for loop in order.loops)
        return {node: own for loop, own in sets for node in loop}

    def _onward(self, node: str, known: Known) -> Iterator[tuple[str, Known, Region | None]]:
        """Where the walk may go from a node, what is known then, and which region ends by that."""
        for exits in self.drawing.arrows[node].values():
            for arrow in exits:
                after = self.after(arrow, self.leaving(node, arrow.exit, known))
                yield arrow.edge.to, after, self.regions.back(arrow)
        for to in self.drawing.asides.get(node, ()):
            yield to, self.leaving(node, INTERRUPT, known), None

    def _ends(self, region: Region | None, surely: int) -> bool:
        """Whether less is sure at a region's end than was thought."""
        if region is None:
            return False
        before = self.ended.get(region)
        self.ended[region] = surely if before is None else before & surely
        return self.ended[region] != before

    def _returning(self) -> dict[str, int]:
        """By node that asks: what a side path may have set that comes back to it."""
        heard = self.drawing.returning
        sets = {to: self._set_from(to) for to in {to for targets in heard.values() for to in targets}}
        return {node: reduce(or_, (sets[to] for to in targets), 0) for node, targets in heard.items()}

    def _set_from(self, node: str) -> int:
        """What the nodes set that the walk may come to from there."""
        return reduce(or_, (self.sets.get(id, 0) for id in self.drawing.reached([node])), 0)

    def leaving(self, node: str, exit: str, known: Known) -> Known:
        """What is set on an edge from that exit, given what was set on entering."""
        own = self.sets.get(node, 0)
        if node not in self.drawing.kinds:
            return Known(known.surely, known.possibly | own)
        kind = self.drawing.kinds[node]
        kept = known.surely & ~own if kind.forgets else known.surely
        sure = self._sure(node, kind, exit) | self._met(node, kind.follows(exit))
        return Known(kept | sure, known.possibly | own)

    def _met(self, node: str, enough: int) -> int:
        """What is surely set once so many of the regions inside a node have come to their ends."""
        ends = [self.ended.get(one, EVERYTHING) for one in self.regions.inner.get(node, {}).values()]
        return reduce(or_ if enough == len(ends) else and_, ends) if enough and ends else 0

    def given(self, node: str, exit: str | None = None) -> dict[str, str]:
        """Names that loops give at a node or on an edge from it, each with its loop."""
        loops = [region.node for region in self.regions.around(node, exit)]
        return {name: loop for loop in loops for name in self.drawing.kinds[loop].names()}

    @cached_property
    def elsewhere(self) -> dict[str, str]:
        """Names that any loop gives, each with a loop."""
        loops = self.regions.inner
        return {name: loop for loop in loops for name in self.drawing.kinds[loop].names()}

    def after(self, arrow: Arrow, known: Known) -> Known:
        """What is set beyond an edge, given what is set on it: its condition held."""
        condition = arrow.edge.condition
        return known if condition is None else self._told(known, implied(condition, holds=True))

    def _sure(self, node: str, kind: Kind, exit: str) -> int:
        """What a node has surely set when it is left by that exit."""
        if self.drawing.nodes[node].on_error is not None and isinstance(kind, Asking):
            return 0  # its default is the node's value, and no answer
        told = implied(kind.condition, holds=exit == "true") if isinstance(kind, Condition) else frozenset()
        unsure = self._mask(set(kind.unsure(exit)))
        return (self.sets.get(node, 0) & ~unsure) | self._known_bits(told)

    def _told(self, known: Known, names: frozenset[str]) -> Known:
        bits = self._known_bits(names)
        return Known(known.surely | bits, known.possibly | bits)

    def _known_bits(self, names: frozenset[str]) -> int:
        return sum(1 << self.bits[name] for name in names if name in self.bits)

    def standing(self, name: str, known: Known) -> str:
        """`surely`, `possibly` or `never`."""
        bit = 1 << self.bits[name] if name in self.bits else 0
        if known.surely & bit:
            return "surely"
        return "possibly" if known.possibly & bit else "never"


def _given(variable: Variable) -> bool:
    return variable.default is not None or (isinstance(variable, Param) and variable.required)


def _merge(before: Known | None, after: Known) -> Known:
    if before is None:
        return after
    return Known(before.surely & after.surely, before.possibly | after.possibly)


def scope_issues(drawing: Drawing, regions: Regions) -> Iterator[Issue]:
    """Reads of what is never or not surely set, in configs and in conditions of edges."""
    scope = Scope(drawing, regions)
    for node, known in scope.entering.items():
        pointer, given = f"{drawing.pointer(node)}/config", scope.given(node)
        turn = (
            {**given, **dict.fromkeys(drawing.kinds[node].names(), node)} if node in regions.inner else given
        )
        for use in uses(drawing.nodes[node].config, pointer):
            names = turn if use.pointer.startswith(f"{pointer}/condition") else given
            yield from _read_issues(scope, known, use, node, names)
        for arrow in _conditional(drawing, node):
            after, names = scope.leaving(node, arrow.exit, known), scope.given(node, arrow.exit)
            condition = condition_json(arrow.edge.condition) if arrow.edge.condition else None
            for use in uses(condition, f"{arrow.pointer}/condition"):
                yield from _read_issues(scope, after, use, node, names)


def _conditional(drawing: Drawing, node: str) -> Iterator[Arrow]:
    return (a for arrows in drawing.arrows[node].values() for a in arrows if a.edge.condition is not None)


def _read_issues(
    scope: Scope, known: Known, use: Use, node: str, given: Mapping[str, str]
) -> Iterator[Issue]:
    path = use.placeholder.path
    if not path or path[0].startswith("@") or path[0] in given:
        return
    if path[0] in RESERVED:
        yield from _node_issues(scope.drawing, path, use, node)
        return
    standing = scope.standing(path[0], known)
    if standing == "possibly" and not use.lenient:
        text = f"'{path[0]}' is not set on every way to '{node}'."
        yield issue("MAYBE_UNSET", text, node=node, pointer=use.pointer)
    elif standing == "never" and path[0] not in scope.bits:
        text = f"Nothing sets '{path[0]}'{near(path[0], [*scope.bits, *given, *RESERVED])}"
        if loop := scope.elsewhere.get(path[0]):
            text = f"'{path[0]}' is known in the body of '{loop}' only."
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)
    elif standing == "never" and not use.lenient:
        text = f"'{path[0]}' is set only after '{node}', or on another way."
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)


def _node_issues(drawing: Drawing, path: tuple[str, ...], use: Use, node: str) -> Iterator[Issue]:
    if path[0] == "nodes" and len(path) > 1 and path[1] not in drawing.nodes:
        text = f"There is no node '{path[1]}'{near(path[1], list(drawing.nodes))}"
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)
