"""Giving an input to an execution that has no provider to bring one."""

from fastapi import APIRouter, Request

from api.accepting import take_in
from api.errors import Problem, documented
from api.execution_shapes import InputGiven, InputTaken
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf
from api.once import IdempotencyKey
from api.parts import parts_of
from api.places import OWN_LANES
from dsl.inputs import Inbound
from dsl.messages import ENDED
from store import lanes
from store.executions import Execution
from store.ids import new_id

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)


@router.post("/executions/{id}/input", status_code=202, responses=documented(404, 409))
@with_key()
async def give_input(
    request: Request,
    caller: CallerOf,
    execution: ExecutionOf,
    body: InputGiven,
    idempotency_key: IdempotencyKey = None,
) -> InputTaken:
    """What the person says or picks, for test runs and runs without a conversation; stored at once."""
    if execution.status in ENDED:
        raise Problem(409, "EXECUTION_ENDED", "The execution has ended.")
    parts = parts_of(request)
    lane = await lanes.lane_of(parts.db, caller.workspace, execution.lane_id or new_id())
    if lane is None or lane.connection != OWN_LANES:
        message = "Inputs of this execution come from its conversation."
        raise Problem(409, "INPUT_FROM_CONVERSATION", message)
    event = _event(execution, lane.address, body, idempotency_key or new_id())
    accepted = await take_in(parts, caller.workspace, OWN_LANES, event)
    return InputTaken(
        execution_id=execution.id, input_id=accepted.id, seq=accepted.seq, duplicate=accepted.duplicate
    )


def _event(execution: Execution, address: str, body: InputGiven, key: str) -> Inbound:
    return Inbound(
        key=f"api:{execution.id}:{key}",
        address=address,
        event="api_input",
        kind="message" if body.value is None else "submitted",
        text=body.text,
        value=body.value,
    )
