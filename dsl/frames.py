"""Subflows: a frame for each, entered by a token and left by the same one."""

from dsl.branches import escaped
from dsl.messages import ErrorInfo
from dsl.model import Json
from dsl.moves import Plans, go, plan_of, valued
from dsl.plan import Subflow
from dsl.state import Frame, State, Token


def entered(plans: Plans, state: State, step: Subflow, inputs: dict[str, Json]) -> State:
    """The token at the start of the subflow's plan, in a frame that knows its inputs only."""
    caller, plan = state.token, plans[step.plan]
    path = f"{state.frame.path}{step.node}#{caller.visit}/"
    scope = {**plan.defaults, **inputs}
    frame = Frame(id=state.next_id, plan=step.plan, path=path, caller=caller, vars=scope)
    inside = Token(id=caller.id, frame=frame.id, step=plan.start, visit=0, entered=state.now)
    state = state.but(frames=(*state.frames, frame), next_id=frame.id + 1).replacing(caller.id, inside)
    return go(plans, state, plan.start)


def returned(plans: Plans, state: State, results: Json, lost: str | None, why: ErrorInfo | None) -> State:
    """The token back where it came in, on by `done`, or by `failed` with why; `lost`: its other end."""
    state = escaped(plans, state)
    inside, frame = state.token, state.frame
    assert frame.caller is not None
    state = state.but(frames=tuple(one for one in state.frames if one.id != frame.id))
    state = state.replacing(inside.id, frame.caller).but(current=frame.caller.id)
    step = plan_of(plans, state).steps[frame.caller.step]
    assert isinstance(step, Subflow)
    state = valued(state, step.node, results)
    if lost is None:
        return go(plans, state, step.to["done"])
    error = why or ErrorInfo(code="SUBFLOW_FAILED", message=f"The subflow ended '{lost}'.")
    return go(plans, state.with_token(error=error), step.to["failed"])
