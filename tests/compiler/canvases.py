"""FlowSpecs written as a canvas would be exported: by other code than that which reads canvases."""

from random import Random
from typing import Any

Json = Any

DRAWN = (
    {"position": {"x": 12.5, "y": -3}, "width": 150, "height": 40, "selected": True},
    {"position": {"x": 0, "y": 0}, "measured": {"width": 9, "height": 9}, "style": {"color": "red"}},
    {"position": {"x": 1e3, "y": 2}, "positionAbsolute": {"x": 1, "y": 2}, "className": "pale", "zIndex": 3},
)
LINED: tuple[dict[str, Json], ...] = (
    {"type": "smoothstep", "animated": True},
    {"markerEnd": {"type": "arrowclosed"}, "style": {"strokeWidth": 2}, "label": "then"},
    {"targetHandle": "in", "label": "other", "labelStyle": {}, "data": {"label": "other"}},
)


def camel(name: str) -> str:
    """`set_variables` as `setVariables`."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def canvas(spec: dict[str, Json], chance: Random) -> dict[str, Json]:
    """The flow as React Flow exports it, with what editors differ in chosen by chance."""
    rest = {key: value for key, value in spec.items() if key not in ("format", "nodes", "edges")}
    if chance.random() < 0.5 and "variables" in rest:
        rest["variables"] = [{"name": name, **about} for name, about in rest["variables"].items()]
    frame = {"id": "frame!", "type": "group", "position": {"x": 0, "y": 0}, "data": {"label": "Part"}}
    nodes = [_node(node, chance) for node in spec["nodes"]]
    edges = [_edge(edge, index, chance) for index, edge in enumerate(spec["edges"])]
    nodes.insert(chance.randrange(len(nodes) + 1), frame)
    return {**rest, "nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1.5}}


def _node(node: dict[str, Json], chance: Random) -> dict[str, Json]:
    config = node.get("config", {})
    data: dict[str, Json] = {key: node[key] for key in ("label", "onError", "retry") if key in node}
    data |= {"config": config} if chance.random() < 0.5 else config
    names = (node["type"], camel(node["type"]), node["type"].upper(), f"{camel(node['type'])}Node")
    name, drawn = chance.choice(names), chance.choice(DRAWN)
    if chance.random() < 0.5:
        return {**drawn, "id": node["id"], "type": name, "data": data}
    return {
        "data": {"type": name, **data},
        "type": chance.choice(("default", "custom")),
        "id": node["id"],
        **drawn,
    }


def _edge(edge: dict[str, Json], index: int, chance: Random) -> dict[str, Json]:
    lined: dict[str, Json] = chance.choice(LINED)
    told = {key: edge[key] for key in ("condition", "priority") if key in edge}
    found = {"id": f"e{index}", "source": edge["from"], "target": edge["to"], **lined}
    if "exit" in edge or chance.random() < 0.5:
        found["sourceHandle"] = edge.get("exit")
    return {**found, "data": {**lined.get("data", {}), **told}} if told else found
