"""ExecutableFlow: nodes by id, each with its own transitions, and `startNodeId`."""

from collections.abc import Iterator

from compiler.bounds import part
from compiler.dialects.reading import Reading
from dsl.issues import Issue, issue
from dsl.model import Json

_OWN = ("nodes", "variables", "startNodeId", "version")


def read_executable_flow(document: dict[str, Json]) -> Reading:
    """FlowSpec of an ExecutableFlow; what is malformed is passed on, for the structure check to tell."""
    return _Translation(document).reading()


class _Translation:
    """One document being turned into FlowSpec, piece by piece."""

    def __init__(self, document: dict[str, Json]) -> None:
        self.sent = document
        self.nodes: list[Json] = []
        self.edges: list[Json] = []
        self.origin: dict[str, str] = {}
        self.issues: list[Issue] = []

    def reading(self) -> Reading:
        spec = {key: value for key, value in self.sent.items() if key not in _OWN}
        variables = self._variables()
        self._nodes()
        self._start()
        spec |= {"variables": variables, "nodes": self.nodes, "edges": self.edges}
        return Reading("ExecutableFlow", spec, self.origin, tuple(self.issues))

    def _nodes(self) -> None:
        nodes = self.sent.get("nodes")
        if not isinstance(nodes, dict):
            self._wrong("/nodes", "`nodes` must be an object: nodes by id.")
            return
        for id, node in nodes.items():
            self.origin[f"/nodes/{len(self.nodes)}"] = pointer = f"/nodes{part(id)}"
            self.nodes.append(self._node(id, node, pointer))
            if isinstance(node, dict):
                self._transitions(id, node.get("transitions"), f"{pointer}/transitions")

    def _node(self, id: str, node: Json, pointer: str) -> Json:
        if not isinstance(node, dict):
            return node
        if node.get("id", id) != id:
            self._wrong(f"{pointer}/id", f"The node's id is not the key '{id}' it stands under.")
        return {**{key: value for key, value in node.items() if key != "transitions"}, "id": id}

    def _transitions(self, id: str, transitions: Json, pointer: str) -> None:
        if not isinstance(transitions, list | None):
            self._wrong(pointer, "`transitions` must be a list.")
            return
        for index, transition in enumerate(transitions or ()):
            self.origin[f"/edges/{len(self.edges)}"] = f"{pointer}/{index}"
            edge = {**transition, "from": id} if isinstance(transition, dict) else transition
            self.edges.append(edge)

    def _start(self) -> None:
        """Where the start is another kind of node, a `start` node is put before it."""
        start, nodes = self.sent.get("startNodeId"), self.sent.get("nodes")
        if start is None or not isinstance(nodes, dict):
            return
        if not isinstance(start, str) or start not in nodes:
            self.issues.append(issue("MISSING_NODE", f"There is no node '{start}'.", pointer="/startNodeId"))
        elif isinstance(nodes[start], dict) and nodes[start].get("type") != "start":
            id = next(name for name in _names() if name not in nodes)
            self.origin[f"/nodes/{len(self.nodes)}"] = "/startNodeId"
            self.origin[f"/edges/{len(self.edges)}"] = "/startNodeId"
            self.nodes.append({"id": id, "type": "start"})
            self.edges.append({"from": id, "to": start})

    def _variables(self) -> dict[str, Json]:
        variables = self.sent.get("variables", [])
        if not isinstance(variables, list):
            self._wrong("/variables", "`variables` must be a list.")
            return {}
        found: dict[str, Json] = {}
        for index, variable in enumerate(variables):
            name = variable.get("name") if isinstance(variable, dict) else None
            if not isinstance(name, str) or name in found:
                self._wrong(f"/variables/{index}", "A variable is an object with a `name` of its own.")
                continue
            self.origin[f"/variables{part(name)}"] = f"/variables/{index}"
            found[name] = {key: value for key, value in variable.items() if key != "name"}
        return found

    def _wrong(self, pointer: str, text: str) -> None:
        self.issues.append(issue("INVALID_VALUE", text, pointer=pointer))


def _names() -> Iterator[str]:
    yield "start"
    number = 0
    while True:
        number += 1
        yield f"start-{number}"
