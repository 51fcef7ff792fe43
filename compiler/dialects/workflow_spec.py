"""WorkflowSpec: upper-case types, a trigger with a config, and edges that fork and meet again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from compiler.dialects.canvas import OF_NODE, Canvas
from compiler.dialects.forks import Arc, Crossing, Fork, Meetings
from compiler.dialects.joining import Joining
from compiler.dialects.names import Names, kind_name
from compiler.dialects.reading import Reading
from compiler.dialects.translation import free
from compiler.dialects.triggers import trigger_of
from dsl.model import Json


def is_workflow_spec(nodes: list[Json], edges: list[Json], document: Mapping[str, Json]) -> bool:
    """Whether edges have sources, the trigger a type, or all nodes types in upper case."""
    trigger = document.get("trigger")
    types = [node["type"] for node in nodes if isinstance(node, dict) and isinstance(node.get("type"), str)]
    return (
        any(isinstance(edge, dict) and "source" in edge for edge in edges)
        or (isinstance(trigger, dict) and "type" in trigger)
        or (bool(types) and all(type.isupper() for type in types))
    )


def read_workflow_spec(document: dict[str, Json], names: Names) -> Reading:
    """FlowSpec of a WorkflowSpec; what is malformed is passed on, for the structure check to tell."""
    return _WorkflowSpec(document, names).reading()


class _WorkflowSpec(Canvas):
    """Start and end are put where nobody drew them, a `parallel` node where plain edges fork."""

    def __init__(self, document: dict[str, Json], names: Names) -> None:
        super().__init__(document, names)
        self.drawn: dict[Arc, tuple[Json, Json]] = {}
        """An edge's arc: the edge as read and as sent."""
        self.places: dict[str, str] = {}
        self.default_exits: dict[str, str | None] = {}
        self.starts: list[str] = []

    def reading(self) -> Reading:
        spec = self.without("nodes", "edges", "version")
        for index, node in self.listed("nodes"):
            self.place("nodes", f"/nodes/{index}")
            self.nodes.append(self._node(node, f"/nodes/{index}"))
        for index, edge in self.listed("edges"):
            self._edge(edge, f"/edges/{index}")
        self._join()
        trigger = self.sent.get("trigger")
        if isinstance(trigger, dict) and "type" in trigger:
            spec["trigger"] = trigger_of(trigger, self)
        return self.read_as("WorkflowSpec", spec | self.declared())

    def _node(self, node: Json, at: str) -> Json:
        if not isinstance(node, dict):
            return node
        fields = {key: value for key, value in node.items() if key not in OF_NODE}
        if "type" in fields:
            fields["type"] = kind_name(fields["type"], self.names)
        id, type = node.get("id"), fields.get("type")
        if isinstance(id, str) and id not in self.places:
            self.places[id] = at
            self.default_exits[id] = self._default_exit(type)
            self.starts += [id] if type == "start" else []
        return fields

    def _default_exit(self, type: Json) -> str | None:
        kind = self.names.get(type) if isinstance(type, str) else None
        return next(iter(kind.exits), None) if kind else "next"

    def _edge(self, edge: Json, at: str) -> None:
        """An edge between nodes that are there becomes an arc; any other is passed on."""
        read = self.edge(edge, at)
        if isinstance(read, dict):
            source, target, exit = read.get("from"), read.get("to"), read.get("exit")
            known = isinstance(source, str) and isinstance(target, str) and isinstance(exit, str | None)
            if known and source in self.places and target in self.places:
                exit = None if exit == self.default_exits[source] else exit
                arc = Arc(source, target, at, exit, plain=read.get("condition") is None)
                self.drawn[arc] = (read, edge)
                return
        self.put_edge(read, edge, at)

    def _join(self) -> None:
        """Edges as drawn, and whatever is between them."""
        ids = set(self.places)
        start, end = free("start", ids), free("end", ids)
        arcs = [*self._begun(start), *self.drawn]
        arcs += self._ended(arcs, end)
        joining = Joining(arcs, ids | {start, end})
        joining.put(self._forks(arcs, end, joining))
        for id, type in ((start, "start"), (end, "end")):
            if cause := next((arc.cause for arc in joining.arcs if id in (arc.source, arc.target)), None):
                self.make_node({"id": id, "type": type}, cause)
        for id, branches, cause in joining.made:
            self.make_node({"id": id, "type": "parallel", "config": {"branches": list(branches)}}, cause)
        for arc in joining.arcs:
            self._write(arc)

    def _begun(self, start: str) -> Iterator[Arc]:
        """From a start that nobody drew to every node to which nothing leads."""
        led = {arc.target for arc in self.drawn if arc.target != arc.source}
        if not self.starts:
            yield from (Arc(start, id, at) for id, at in self.places.items() if id not in led)

    def _ended(self, arcs: Sequence[Arc], end: str) -> Iterator[Arc]:
        """To an end that nobody drew, from leaves, and from where only edges with conditions lead on."""
        plain: dict[tuple[str, str | None], bool] = defaultdict(bool)
        for arc in arcs:
            plain[arc.source, arc.exit] |= arc.plain
        leaving = {arc.source for arc in arcs}
        for id, at in self.places.items():
            is_leaf = id not in leaving
            if self.default_exits[id] is not None and (is_leaf or plain.get((id, None)) is False):
                yield Arc(id, end, at, soft=not is_leaf)

    def _forks(self, arcs: Sequence[Arc], end: str, joining: Joining) -> list[Fork]:
        """What several plain edges of one exit begin; those that begin nothing of their own are left out."""
        groups: dict[tuple[str, str | None], list[Arc]] = defaultdict(list)
        for arc in arcs:
            if arc.plain:
                groups[arc.source, arc.exit].append(arc)
        meetings, found = Meetings(arcs, end), list[Fork]()
        for group in (group for group in groups.values() if len(group) > 1):
            try:
                begun = meetings.begin(group)
            except Crossing as crossing:
                self.wrong(crossing.arc.cause, crossing.text, "UNJOINED_FORK")
                continue
            joining.leave_out(arc for arc in group if arc is not begun)
            found += [begun] if isinstance(begun, Fork) else []
        return found

    def _write(self, arc: Arc) -> None:
        edge: dict[str, Json] = {"from": arc.source, "to": arc.target}
        if arc in self.drawn:
            read, sent = self.drawn[arc]
            self.put_edge({**(read if isinstance(read, dict) else {}), **edge}, sent, arc.cause)
        else:
            self.make_edge(edge | ({"exit": arc.exit} if arc.exit else {}), arc.cause)
