"""Plans written by hand, a node for each step: what the walk does with steps, whatever made them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dsl.inputs import Input
from dsl.limits import Limits
from dsl.model import Json
from dsl.plan import Assign, Call, Choose, End, Plan, PlanNode, Say, Step
from dsl.state import Loaded, RunInput, State
from tests.workflows.world import SCENE, START, World, walk_on

FAIL = "~fail"


def plan(steps: Iterable[Any], exits: Mapping[str, Mapping[str, str]] | None = None) -> Plan:
    """A plan that begins at its first step; unhandled errors lead to failure."""
    drawn: list[Step] = list(steps)
    failing = End(id=FAIL, node=FAIL, outcome="failed")
    every: list[Step] = [*drawn, failing]
    ids = dict.fromkeys(step.node for step in every)
    nodes = {
        id: PlanNode(kind="any", label=id, entry=id, exits={"error": FAIL, **(exits or {}).get(id, {})})
        for id in ids
    }
    return Plan(flow="f", name="F", start=drawn[0].id, nodes=nodes, steps={step.id: step for step in every})


def say(id: str, to: str, text: str | None = None) -> Say:
    """A message."""
    return Say(id=id, node=id, text=text or id, to=to)


def call(id: str, to: str) -> Call:
    """A call whose `error` leads to failure."""
    return Call(id=id, node=id, activity="api", args={"text": id}, to={"next": to}, fast=True)


def sets(id: str, to: str, **values: Json) -> Assign:
    """Variables."""
    return Assign(id=id, node=id, values=values, to=to)


def on(id: str, to: str) -> Choose:
    """A step that only goes on."""
    return Choose(id=id, node=id, cases=(), to=to)


def end(id: str = "end", outcome: str = "completed", **outputs: Json) -> End:
    """The end."""
    return End(id=id, node=id, outcome=outcome, outputs=outputs)


async def walked(
    main: Plan, script: Sequence[Input] = (), *, plans: Mapping[str, Plan] | None = None, **world: Any
) -> tuple[State, World]:
    """A plan walked to its end; `plans` are those of its subflows."""
    at = World(script=list(script), **world)
    run = RunInput(
        scene=SCENE,
        plan=Loaded("main", main),
        plans=[Loaded(digest, one) for digest, one in (plans or {}).items()],
        limits=world.get("limits") or Limits(),
        started_at=START,
    )
    return await walk_on(run, at), at
