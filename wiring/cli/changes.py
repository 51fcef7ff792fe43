"""What is different between two versions of a flow, in a few words."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
NAMED = 5
"""Ids that are told of each sort; of the others only how many."""


def changes(before: Document, after: Document) -> list[str]:
    """Lines such as `nodes: 2 added (a, b), 1 changed (c)`; none where nothing is different."""
    lines = [_nodes(_by_id(before.get("nodes")), _by_id(after.get("nodes"))), _edges(before, after)]
    rest = (before.keys() | after.keys()) - {"nodes", "edges"}
    other = sorted(name for name in rest if before.get(name) != after.get(name))
    return [line for line in (*lines, f"changed: {', '.join(other)}" if other else "") if line]


def _by_id(nodes: object) -> dict[str, Any]:
    """Nodes of any dialect: a list of them, or an object by id."""
    if isinstance(nodes, dict):
        return nodes
    listed = nodes if isinstance(nodes, list) else []
    return {str(node.get("id")): node for node in listed if isinstance(node, dict)}


def _nodes(before: dict[str, Any], after: dict[str, Any]) -> str:
    both = [id for id in after if id in before]
    sorts = {
        "added": [id for id in after if id not in before],
        "removed": [id for id in before if id not in after],
        "changed": [id for id in both if before[id] != after[id]],
    }
    told = [f"{len(ids)} {sort} ({', '.join(_first(ids))})" for sort, ids in sorts.items() if ids]
    return f"nodes: {', '.join(told)}" if told else ""


def _first(ids: list[str]) -> Iterator[str]:
    yield from ids[:NAMED]
    if len(ids) > NAMED:
        yield "…"


def _edges(before: Document, after: Document) -> str:
    old, new = _counted(before.get("edges")), _counted(after.get("edges"))
    sorts = {"added": (new - old).total(), "removed": (old - new).total()}
    told = [f"{count} {sort}" for sort, count in sorts.items() if count]
    return f"edges: {', '.join(told)}" if told else ""


def _counted(edges: object) -> Counter[str]:
    return (
        Counter(json.dumps(edge, sort_keys=True) for edge in edges) if isinstance(edges, list) else Counter()
    )
