"""The plan: lowered nodes with their exits led, and the marks the walk relies on."""

from collections.abc import Mapping
from typing import NamedTuple

from compiler.conditions import decided
from compiler.drawing import Drawing
from compiler.kinds import Catalogue
from compiler.lower import Routes
from compiler.regions import Regions
from compiler.special import special_nodes
from compiler.subflows import plans_below
from compiler.texts import read_nodes
from compiler.zones import zone_of
from dsl.issues import Issue
from dsl.plan import Call, Plan, PlanNode, PlanVariable, Say, Step
from dsl.spec import Settings
from dsl.turns import Line


class Assembled(NamedTuple):
    """Nodes and steps by id, and the exits found to lead nowhere."""

    nodes: dict[str, PlanNode]
    steps: dict[str, Step]
    issues: list[Issue]


def assemble(
    drawing: Drawing, regions: Regions, lowered: Mapping[str, list[Step]], catalogue: Catalogue
) -> Assembled:
    """Everything of the plan but its name; nodes that nothing leads to are left out."""
    routes, read = Routes(drawing, regions), read_nodes(drawing)
    lowered = {id: steps for id, steps in lowered.items() if id in drawing.reachable}
    nodes = {id: _plan_node(drawing, id, routes.exits(id, steps)) for id, steps in lowered.items()}
    specials, ends = special_nodes(routes.special, drawing.spec, catalogue)
    marked = [_marked(step, drawing, read) for steps in lowered.values() for step in steps]
    steps = decided([*marked, *routes.made.values(), *ends], drawing.variables, read)
    return Assembled(nodes | specials, {step.id: step for step in steps}, routes.issues)


def plan_of(drawing: Drawing, assembled: Assembled) -> Plan:
    """The plan of a flow without errors."""
    spec = drawing.spec
    variables = {name: PlanVariable(default=v.default, pii=v.pii) for name, v in spec.declared.items()}
    return Plan(
        flow=spec.id,
        name=spec.name,
        start=drawing.starts[0],
        nodes=assembled.nodes,
        steps=assembled.steps,
        variables=variables,
        line=_line(spec.settings),
        timezone=spec.settings.timezone,
        zone=zone_of(spec.settings.timezone, assembled.steps.values()),
        plans=plans_below(drawing),
    )


def _line(settings: Settings) -> Line:
    return Line(
        resume_window=settings.resume_window,
        busy_text=settings.busy_text,
        safe_text=settings.safe_text,
        spills=settings.late_screen == "sms",
    )


def _plan_node(drawing: Drawing, id: str, exits: dict[str, str]) -> PlanNode:
    return PlanNode(kind=drawing.kinds[id].kind(), label=drawing.nodes[id].label or id, entry=id, exits=exits)


def _marked(step: Step, drawing: Drawing, read: frozenset[str]) -> Step:
    """`ahead`: the walk may go on before the outcome is known, for nothing depends on it."""
    drawn, node = drawing.arrows[step.node], drawing.nodes[step.node]
    silent = step.node not in read and node.on_error is None
    if isinstance(step, Say):
        free = silent and not drawn.keys() & {"error", "unknown"}
        return step.model_copy(update={"ahead": free})
    if isinstance(step, Call) and step.fast and not step.pure:
        only = drawn.keys() <= {step.default_exit} and not step.to
        foreseen = not step.tells_contact or step.value is not None
        free = silent and only and step.save_to is None and not step.hands_over and foreseen
        return step.model_copy(update={"ahead": free})
    return step
