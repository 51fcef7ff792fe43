"""UI flow: a canvas as React Flow exports it, the config of each node in its `data`."""

import re
from collections.abc import Mapping

from compiler.bounds import part
from compiler.dialects.canvas import OF_NODE, Canvas
from compiler.dialects.names import Names, kind_name
from compiler.dialects.reading import Reading
from dsl.model import Json

UI_FLOW = "UI flow"
BUILT_IN = {"input": "start", "output": "end"}
"""React Flow's own types of nodes that mean something; `group` is a frame around others."""

_ABOUT_NODE = ("label", "onError", "on_error", "retry")


def is_ui_flow(nodes: list[Json], document: Mapping[str, Json]) -> bool:
    """Whether the nodes have `data`, or positions and no config."""
    held = set().union(*(node for node in nodes if isinstance(node, dict)))
    return "data" in held or "viewport" in document or ("position" in held and "config" not in held)


def read_ui_flow(document: dict[str, Json], names: Names) -> Reading:
    """FlowSpec of a UI flow; what is malformed is passed on, for the structure check to tell."""
    return _UiFlow(document, names).reading()


class _UiFlow(Canvas):
    """`data` becomes label and config, handles become exits; what only an editor needs is left out."""

    def reading(self) -> Reading:
        for index, node in self.listed("nodes"):
            if not (isinstance(node, dict) and _frames(node)):
                here = self.place("nodes", f"/nodes/{index}")
                self.nodes.append(self._node(node, here) if isinstance(node, dict) else node)
        for index, edge in self.listed("edges"):
            self.put_edge(self.edge(edge, f"/edges/{index}"), edge, f"/edges/{index}")
        spec = self._named(self.without("nodes", "edges", "viewport", "version"))
        return self.read_as(UI_FLOW, spec | self.declared())

    def _named(self, spec: dict[str, Json]) -> dict[str, Json]:
        """A canvas need not have a name, nor an id."""
        name = spec.get("name", spec.get("id", "Untitled"))
        return {"id": slug(name), "name": name, **spec}

    def _node(self, node: dict[str, Json], here: str) -> Json:
        at, data = self.origin[here], node.get("data", {})
        if not isinstance(data, dict):
            self.wrong(f"{at}/data", "`data` must be an object.")
            return node
        fields = {key: value for key, value in node.items() if key not in OF_NODE and key != "data"}
        for key in _ABOUT_NODE:
            if key in data:
                fields[key], self.origin[f"{here}/{key}"] = data[key], f"{at}/data/{key}"
        if "type" in data:
            fields["type"], self.origin[f"{here}/type"] = data["type"], f"{at}/data/type"
        if "type" in fields:
            fields["type"] = self._kind(fields["type"])
        return {**fields, "config": self._config(fields, data, here)}

    def _kind(self, written: Json) -> Json:
        found = kind_name(written, self.names)
        return BUILT_IN.get(found, found) if isinstance(found, str) and found not in self.names else found

    def _config(self, fields: dict[str, Json], data: dict[str, Json], here: str) -> Json:
        """The config: in `data.config`, in `config` beside `data`, or `data` itself."""
        at = self.origin[here]
        own = {key: value for key, value in data.items() if key not in (*_ABOUT_NODE, "type")}
        if "config" not in own and "config" not in fields:
            self.origin[f"{here}/config"] = f"{at}/data"
            return own
        if "config" in own:
            self.origin[f"{here}/config"] = f"{at}/data/config"
        for key in own.keys() - {"config"}:
            text = f"The node has a `config`; '{key}' beside it is not read."
            self.wrong(f"{at}/data{part(key)}", text, "UNKNOWN_FIELD")
        return own.get("config", fields.get("config"))


def slug(name: Json) -> str:
    """An id made of a name: `Support Ticket` becomes `support-ticket`."""
    words = re.sub(r"[^A-Za-z0-9_.:\-]+", "-", name if isinstance(name, str) else "")
    return words.strip("-_.:").lower()[:128] or "untitled"


def _frames(node: dict[str, Json]) -> bool:
    data = node.get("data")
    return node.get("type") == "group" and not (isinstance(data, dict) and "type" in data)
