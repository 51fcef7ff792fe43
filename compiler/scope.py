"""Which variables are surely, possibly or never set where a template reads them."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from compiler.drawing import Arrow, Drawing
from compiler.structure import near
from compiler.texts import Use, condition_json, uses
from dsl.issues import Issue, issue
from dsl.spec import RESERVED

UNSURE_EXITS = ("error", "unknown", "failure", "invalid", "timeout")
"""Exits by which a node may leave without having set its variables."""


class Known(NamedTuple):
    """Sets of variables as bits: those set on every way here, and those set on some."""

    surely: int
    possibly: int


class Scope:
    """What is set when the walk enters each node: a forward analysis, run until it is stable.

    An error may come from anywhere, so the node that errors lead to possibly knows every variable.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.bits: dict[str, int] = {}
        declared = drawing.spec.variables
        given = sum(self._bit(name) for name, v in declared.items() if v.default is not None)
        self.sets = {id: self._mask(set(kind.sets())) for id, kind in drawing.kinds.items()}
        self.at_start = Known(given, sum(self._bit(name) for name in declared))
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
        rest = deque(found)
        while rest:
            node = rest.popleft()
            for exits in self.drawing.arrows[node].values():
                for arrow in exits:
                    before, after = found.get(arrow.edge.to), self.leaving(node, arrow.exit, found[node])
                    merged = _merge(before, after)
                    if merged != before:
                        found[arrow.edge.to] = merged
                        rest.append(arrow.edge.to)
        return found

    def leaving(self, node: str, exit: str, known: Known) -> Known:
        """What is set on an edge from that exit, given what was set on entering."""
        own = self.sets.get(node, 0)
        sure = 0 if exit in UNSURE_EXITS else own
        return Known(known.surely | sure, known.possibly | own)

    def standing(self, name: str, known: Known) -> str:
        """`surely`, `possibly` or `never`."""
        bit = 1 << self.bits[name] if name in self.bits else 0
        if known.surely & bit:
            return "surely"
        return "possibly" if known.possibly & bit else "never"


def _merge(before: Known | None, after: Known) -> Known:
    if before is None:
        return after
    return Known(before.surely & after.surely, before.possibly | after.possibly)


def scope_issues(drawing: Drawing) -> Iterator[Issue]:
    """Reads of what is never or not surely set, in configs and in conditions of edges."""
    scope = Scope(drawing)
    for node, known in scope.entering.items():
        pointer = f"{drawing.pointer(node)}/config"
        for use in uses(drawing.nodes[node].config, pointer):
            yield from _read_issues(scope, known, use, node)
        for arrow in _conditional(drawing, node):
            after = scope.leaving(node, arrow.exit, known)
            condition = condition_json(arrow.edge.condition) if arrow.edge.condition else None
            for use in uses(condition, f"{arrow.pointer}/condition"):
                yield from _read_issues(scope, after, use, node)


def _conditional(drawing: Drawing, node: str) -> Iterator[Arrow]:
    return (a for arrows in drawing.arrows[node].values() for a in arrows if a.edge.condition is not None)


def _read_issues(scope: Scope, known: Known, use: Use, node: str) -> Iterator[Issue]:
    path = use.placeholder.path
    if not path or path[0].startswith("@"):
        return
    if path[0] in RESERVED:
        yield from _node_issues(scope.drawing, path, use, node)
        return
    standing = scope.standing(path[0], known)
    if standing == "possibly" and not use.lenient:
        text = f"'{path[0]}' is not set on every way to '{node}'."
        yield issue("MAYBE_UNSET", text, node=node, pointer=use.pointer)
    elif standing == "never" and path[0] not in scope.bits:
        text = f"Nothing sets '{path[0]}'{near(path[0], [*scope.bits, *RESERVED])}"
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)
    elif standing == "never" and not use.lenient:
        text = f"'{path[0]}' is set only after '{node}', or on another way."
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)


def _node_issues(drawing: Drawing, path: tuple[str, ...], use: Use, node: str) -> Iterator[Issue]:
    if path[0] == "nodes" and len(path) > 1 and path[1] not in drawing.nodes:
        text = f"There is no node '{path[1]}'{near(path[1], list(drawing.nodes))}"
        yield issue("UNKNOWN_VARIABLE", text, node=node, pointer=use.pointer)
