"""One node put into a small flow, and what compiling it shows."""

from typing import Any

from compiler.compile import CompilationResult, compile_flow
from dsl.kind import Kind
from dsl.model import Json
from dsl.plan import Step
from tests.golden.published import PUBLISHED
from wiring.catalog import catalogue

ID, CONFIG = "it", "/nodes/0/config"
INPUTS = ("about", "node", "connected", "back", "onError", "retry", "settings", "variables")
"""What a case says; everything else in it is expected of us."""


def compile_case(kind: type[Kind], case: dict[str, Any]) -> CompilationResult:
    """start → the node → end, by the exits the case connects: the default exit where it does not say.

    By those it names as `back` the node leads to itself: a branch or a body in which nothing is done.
    """
    exits = case.get("connected", list(kind.exits[:1]))
    extra = {key: case[key] for key in ("onError", "retry") if key in case}
    before: list[str] = [] if kind.kind() == "start" else ["start"]
    document: Json = {
        "id": "case",
        "name": case["about"],
        "settings": {"sessionTtl": "1d", **case.get("settings", {})},
        "variables": case.get("variables", {}),
        "nodes": [
            {"id": ID, "type": kind.kind(), "config": case["node"], **extra},
            *({"id": id, "type": "start"} for id in before),
            *({"id": f"after-{exit}", "type": "end"} for exit in exits),
        ],
        "edges": [
            *({"from": id, "to": ID} for id in before),
            *({"from": ID, "exit": exit, "to": f"after-{exit}"} for exit in exits),
            *({"from": ID, "exit": exit, "to": ID} for exit in case.get("back", [])),
        ],
    }
    return compile_flow(document, catalogue(), PUBLISHED)


def observe(kind: type[Kind], case: dict[str, Any]) -> dict[str, Any]:
    """The case with what compiling it shows: its issues, or its steps and where its exits lead."""
    result = compile_case(kind, case)
    seen: dict[str, Any] = {key: case[key] for key in INPUTS if key in case}
    issues = [
        f"{i.code} {i.pointer.removeprefix(CONFIG)}".strip() for i in (*result.errors, *result.warnings)
    ]
    if issues:
        seen["issues"] = issues
    if result.plan:
        seen["steps"] = [short(step) for step in result.plan.steps.values() if step.node == ID]
        seen["exits"] = dict(result.plan.nodes[ID].exits)
    return seen


def short(step: Step) -> dict[str, Any]:
    """A step's JSON without what is as always."""
    written = step.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"op": step.op, **{key: value for key, value in written.items() if key != "node"}}
