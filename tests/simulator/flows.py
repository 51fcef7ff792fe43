"""Flows that tests simulate, and how they are simulated."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from compiler.compile import compile_flow
from dsl.plan import Plan
from simulator.bounds import Bounds
from simulator.lines import AnyLine, Line
from simulator.played import Played
from simulator.playing import play
from simulator.setting import Setting
from simulator.simulation import Simulation
from wiring.catalog import catalogue

LINES: TypeAdapter[list[Line]] = TypeAdapter(list[AnyLine])

Node = dict[str, Any]


def flow(nodes: Sequence[Node], edges: Sequence[tuple[str, ...]], **more: Any) -> dict[str, Any]:
    """A flow in short: edges are (from, to) or (from, exit, to); a start goes to the first node."""
    first = {"from": "start", "to": nodes[0]["id"]}
    drawn = [
        {"from": edge[0], "to": edge[-1], **({"exit": edge[1]} if len(edge) == 3 else {})} for edge in edges
    ]
    return {
        "id": "f",
        "name": "F",
        "nodes": [{"id": "start", "type": "start"}, *nodes],
        "edges": [first, *drawn],
        **more,
    }


def node(id: str, type: str, **config: Any) -> Node:
    """A node with its config."""
    return {"id": id, "type": type, "config": config}


END: Node = {"id": "end", "type": "end"}
ASK = node("ask", "question", text="How old are you?", expects="integer", saveTo="age", timeout="1h")


def plan_of(document: dict[str, Any]) -> Plan:
    """The compiled flow; its errors fail the test."""
    result = compile_flow(document, catalogue())
    assert result.plan is not None, result.errors
    return result.plan


def simulated(document: dict[str, Any], bounds: Bounds | None = None, **setting: Any) -> Simulation:
    """A simulation of a flow."""
    return Simulation(plan_of(document), catalogue(), Setting(**setting), bounds=bounds)


async def played(document: dict[str, Any], *lines: dict[str, Any], **setting: Any) -> Played:
    """A conversation played with a flow."""
    async with simulated(document, **setting) as simulation:
        return await play(LINES.validate_python(list(lines)), simulation)
