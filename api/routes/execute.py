"""Starting executions."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from api.errors import documented
from api.execution_shapes import ExecuteInput, ExecutionStarted
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.parts import parts_of
from api.starting import Order, start

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and body give the same execution, for seven days.",
    ),
]


@router.post("/flows/{id}/execute", status_code=202, responses=documented(404, 409))
@with_key()
async def execute_flow(
    request: Request,
    response: Response,
    caller: CallerOf,
    flow: FlowOf,
    body: ExecuteInput,
    idempotency_key: IdempotencyKey = None,
) -> ExecutionStarted:
    """Starts the published version; in test mode the latest, with nothing sent."""
    answer = await start(parts_of(request), Order(caller.workspace, flow, body, idempotency_key))
    response.headers["Location"] = f"/api/v1/executions/{answer.started.execution_id}"
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return answer.started
