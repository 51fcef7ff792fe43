"""A document of another dialect being turned into FlowSpec, piece by piece."""

from collections.abc import Iterator

from compiler.bounds import part
from compiler.dialects.reading import Reading
from dsl.issues import Issue, issue
from dsl.model import Json


class Translation:
    """The pieces so far; `origin` tells where each stood in the document, `made` what each was made for."""

    def __init__(self, document: dict[str, Json]) -> None:
        self.sent = document
        self.nodes: list[Json] = []
        self.edges: list[Json] = []
        self.origin: dict[str, str] = {}
        self.made: dict[str, str] = {}
        self.issues: list[Issue] = []

    def read_as(self, dialect: str, spec: dict[str, Json]) -> Reading:
        """The document as read: nodes and edges so far, and whatever else is in `spec`."""
        document = {**spec, "nodes": self.nodes, "edges": self.edges}
        return Reading(dialect, document, self.origin, tuple(self.issues), self.made)

    def without(self, *keys: str) -> dict[str, Json]:
        """The fields of the document but these."""
        return {key: value for key, value in self.sent.items() if key not in keys}

    def place(self, kind: str, pointer: str) -> str:
        """Where the next of `nodes` or `edges` will stand, noted as coming from that place."""
        here = f"/{kind}/{len(self.nodes if kind == 'nodes' else self.edges)}"
        self.origin[here] = pointer
        return here

    def make_node(self, node: dict[str, Json], cause: str) -> None:
        """A node nobody drew."""
        self.made[f"/nodes/{len(self.nodes)}"] = cause
        self.nodes.append(node)

    def make_edge(self, edge: dict[str, Json], cause: str) -> None:
        """An edge nobody drew."""
        self.made[f"/edges/{len(self.edges)}"] = cause
        self.edges.append(edge)

    def listed(self, name: str) -> Iterator[tuple[int, Json]]:
        """The items of a list of the document; told where it is none."""
        held = self.sent.get(name, [])
        if isinstance(held, list):
            yield from enumerate(held)
        else:
            self.wrong(f"/{name}", f"`{name}` must be a list.")

    def variables(self) -> dict[str, Json]:
        """Variables by name, from a list of them."""
        found: dict[str, Json] = {}
        for index, variable in self.listed("variables"):
            name = variable.get("name") if isinstance(variable, dict) else None
            if not isinstance(name, str) or name in found:
                self.wrong(f"/variables/{index}", "A variable is an object with a `name` of its own.")
                continue
            self.origin[f"/variables{part(name)}"] = f"/variables/{index}"
            found[name] = {key: value for key, value in variable.items() if key != "name"}
        return found

    def wrong(self, pointer: str, text: str, code: str = "INVALID_VALUE") -> None:
        """Something that cannot be read."""
        self.issues.append(issue(code, text, pointer=pointer))


def free(name: str, taken: set[str]) -> str:
    """The name, numbered where another node has it."""
    found, number = name, 0
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found
