"""One flow's scope, and what its drawing says of its nodes."""

from collections.abc import Callable
from functools import cached_property

from dsl.spec import Edge, FlowSpec
from torture.reference.case import Json
from torture.reference.words import true

FAIL, EXPIRED, HANDOFF = "~fail", "~expired", "~handoff"
EXITS = {
    "start": ("next",),
    "message": ("next",),
    "question": ("answer", "invalid", "timeout"),
    "condition": ("true", "false"),
    "set_variables": ("next",),
    "delay": ("next",),
    "api": ("success", "failure"),
    "update_contact": ("next",),
    "transfer_agent": ("next", "resolved", "returned"),
    "menu": (),
    "form": ("answer", "invalid", "timeout"),
    "switch": ("default",),
    "split": (),
    "add_label": ("next",),
    "remove_label": ("next",),
    "assign_agent": ("next",),
    "close_conversation": ("next",),
    "loop": ("done", "body", "limit"),
    "parallel": ("joined",),
    "subflow": ("done", "failed"),
}
"""By kind, the default exit first; those that config adds are none."""
WRONG = ("error", "failure", "invalid", "failed", "limit")
"""Exits that lead where errors do when nobody connected them."""


class Frame:
    """A flow that is walked: its variables, visits and the values its nodes left."""

    def __init__(self, flow: Json, path: str, given: dict[str, Json]) -> None:
        self.spec, self.path = FlowSpec.model_validate(flow), path
        self.nodes = {node.id: node for node in self.spec.nodes}
        declared = {name: v.default for name, v in self.spec.variables.items() if v.default is not None}
        self.variables: dict[str, Json] = {**declared, **given}
        self.values = dict[str, Json]()
        self.visits = dict[str, int]()
        self._bodies = dict[str, frozenset[str]]()

    @cached_property
    def start(self) -> str:
        """Where it begins."""
        return next(node.id for node in self.spec.nodes if node.type == "start")

    def edges(self, node: str, exit: str) -> list[Edge]:
        """In the order in which they are tried."""
        default = next(iter(EXITS[self.nodes[node].type]), None)
        edges = [edge for edge in self.spec.edges if edge.from_ == node and (edge.exit or default) == exit]
        return sorted(edges, key=lambda edge: (edge.condition is None, edge.priority))

    def target(self, node: str, exit: str, names: dict[str, Json], branch: bool) -> str:
        """Where an exit leads; what nobody connected in a `branch` fails it."""
        for edge in self.edges(node, exit):
            if edge.condition is None or true(edge.condition.model_dump(by_alias=True), names):
                return edge.to
        if exit in ("timeout", "expired"):
            return EXPIRED
        if exit in WRONG:
            return FAIL if branch else self._handler(node)
        other = next(other for other in EXITS[self.nodes[node].type] if self.edges(node, other))
        return self.target(node, other, names, branch)

    def _handler(self, node: str) -> str:
        wanted = self.spec.settings.on_error
        special = FAIL if wanted in ("fail", node) else HANDOFF
        return wanted if wanted in self.nodes and wanted != node else special

    def body(self, loop: str) -> frozenset[str]:
        """The nodes inside a loop: those to which every way leads over its exit `body`."""
        if loop not in self._bodies:
            outside = self._reached(lambda edge: edge.from_ == loop and edge.exit == "body")
            self._bodies[loop] = self._reached(lambda _: False) - outside
        return self._bodies[loop]

    def _reached(self, shut: Callable[[Edge], bool]) -> frozenset[str]:
        settings = self.spec.settings
        rest = [self.start, settings.on_error, *(word.to for word in settings.interrupts.values())]
        seen = set[str]()
        while rest:
            id = rest.pop()
            if id in self.nodes and id not in seen:
                seen.add(id)
                rest += [edge.to for edge in self.spec.edges if edge.from_ == id and not shut(edge)]
        return frozenset(seen)
