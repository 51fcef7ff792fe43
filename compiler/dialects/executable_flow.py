"""ExecutableFlow: nodes by id, each with its own transitions, and `startNodeId`."""

from compiler.bounds import part
from compiler.dialects.reading import Reading
from compiler.dialects.translation import Translation, free
from dsl.model import Json


def read_executable_flow(document: dict[str, Json]) -> Reading:
    """FlowSpec of an ExecutableFlow; what is malformed is passed on, for the structure check to tell."""
    return _ExecutableFlow(document).reading()


class _ExecutableFlow(Translation):
    """Transitions become edges; a start of another kind gets a `start` node before it."""

    def reading(self) -> Reading:
        variables = self.variables()
        self._nodes()
        self._start()
        spec = self.without("nodes", "variables", "startNodeId", "version")
        return self.read_as("ExecutableFlow", {**spec, "variables": variables})

    def _nodes(self) -> None:
        nodes = self.sent.get("nodes")
        if not isinstance(nodes, dict):
            self.wrong("/nodes", "`nodes` must be an object: nodes by id.")
            return
        for id, node in nodes.items():
            pointer = f"/nodes{part(id)}"
            self.place("nodes", pointer)
            self.nodes.append(self._node(id, node, pointer))
            if isinstance(node, dict):
                self._transitions(id, node.get("transitions"), f"{pointer}/transitions")

    def _node(self, id: str, node: Json, pointer: str) -> Json:
        if not isinstance(node, dict):
            return node
        if node.get("id", id) != id:
            self.wrong(f"{pointer}/id", f"The node's id is not the key '{id}' it stands under.")
        return {**{key: value for key, value in node.items() if key != "transitions"}, "id": id}

    def _transitions(self, id: str, transitions: Json, pointer: str) -> None:
        if not isinstance(transitions, list | None):
            self.wrong(pointer, "`transitions` must be a list.")
            return
        for index, transition in enumerate(transitions or ()):
            self.place("edges", f"{pointer}/{index}")
            edge = {**transition, "from": id} if isinstance(transition, dict) else transition
            self.edges.append(edge)

    def _start(self) -> None:
        start, nodes = self.sent.get("startNodeId"), self.sent.get("nodes")
        if start is None or not isinstance(nodes, dict):
            return
        if not isinstance(start, str) or start not in nodes:
            self.wrong("/startNodeId", f"There is no node '{start}'.", "MISSING_NODE")
        elif isinstance(nodes[start], dict) and nodes[start].get("type") != "start":
            id = free("start", set(nodes))
            self.make_node({"id": id, "type": "start"}, "/startNodeId")
            self.make_edge({"from": id, "to": start}, "/startNodeId")
