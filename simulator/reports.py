"""What the world tells of something a node waits for, as the input that it becomes."""

from collections.abc import Collection

from dsl.hearing import step_of
from dsl.inputs import Inbound
from dsl.model import Json
from dsl.moves import Plans
from dsl.plan import Call, Wait
from dsl.screens import DEAF
from dsl.state import State, Token
from simulator.lines import Reported
from simulator.mocks import bare
from simulator.person import Person

RECORDING = "https://recordings.invalid/1.mp3"


def told(plans: Plans, state: State, person: Person, report: Reported) -> Inbound:
    """The input; LookupError where the node waits for nothing of the kind."""
    token, wait = _waiting(plans, state, report.node)
    match wait.expects:
        case "report" if report.status in wait.to:
            return person.told({**report.value, **_effect(state, token, wait), "status": report.status})
        case "call":
            return (
                person.answers_call() if report.status == "answered" else person.takes_no_call(report.status)
            )
        case "recording":
            return person.types("", value={"recording": RECORDING, **report.value})
        case "dialled":
            return person.types("", value={**_dialled(report.status), **report.value})
        case _:
            raise LookupError(report.node)


def awaited(plans: Plans, nodes: Collection[str] | None) -> dict[str, str]:
    """By node, the exit by which its call leaves when the world has not told yet what became of it.

    `nodes`: those that are asked for; None: all that wait for the world.
    """
    wanted = None if nodes is None else {bare(node).rpartition("/")[2] for node in nodes}
    calls = ((plan, step) for plan in plans.values() for step in plan.steps.values())
    return {
        step.node: exit
        for plan, step in calls
        if isinstance(step, Call) and (wanted is None or step.node in wanted)
        for exit, to in step.to.items()
        if isinstance(wait := plan.steps.get(to), Wait) and wait.expects in DEAF
    }


def _waiting(plans: Plans, state: State, node: str) -> tuple[Token, Wait]:
    for token in state.tokens:
        step = step_of(plans, state, token)
        here = bare(state.frame_of(token).path + step.node)
        if token.waiting is not None and isinstance(step, Wait) and here == bare(node):
            return token, step
    raise LookupError(node)


def _effect(state: State, token: Token, wait: Wait) -> dict[str, Json]:
    return {
        "node": state.frame_of(token).path + wait.node, "visit": token.visit, "number": token.effects,
    }  # fmt: skip


def _dialled(status: str) -> dict[str, Json]:
    answered = status == "answered"
    return {"dialled": "+254700000002", "seconds": 60 if answered else 0, "answered": answered}
