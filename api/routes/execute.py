"""Starting executions."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.errors import documented
from api.execution_shapes import ExecuteInput, ExecutionStarted, ExecutionView
from api.execution_views import view_of
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.once import IdempotencyKey
from api.parts import parts_of
from api.patience import Prefer, seconds_of
from api.starting import Order, start

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

RESTED = "With `Prefer: wait`: it has ended, or rests"


@router.post(
    "/flows/{id}/execute",
    status_code=202,
    response_model=ExecutionStarted,
    responses=documented(404, 409) | {200: {"model": ExecutionView, "description": RESTED}},
)
@with_key()
async def execute_flow(
    request: Request,
    response: Response,
    caller: CallerOf,
    flow: FlowOf,
    body: ExecuteInput,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
) -> ExecutionStarted | Response:
    """Starts the published version; in test mode the latest, with nothing sent."""
    done = await start(parts_of(request), Order(caller.workspace, flow, body, idempotency_key))
    id = done.answer.execution_id
    response.headers["Location"] = f"/api/v1/executions/{id}"
    started = done.onto(response)
    rested = await _rested(request, response, caller.workspace, id, seconds_of(prefer))
    return rested or started


async def _rested(
    request: Request, response: Response, workspace: str, id: str, seconds: int | None
) -> Response | None:
    """The execution as it rests, for a caller who would wait for that."""
    parts = parts_of(request)
    if seconds is None or not parts.patience.has_room:
        return None
    response.headers["Preference-Applied"] = f"wait={seconds}"
    found = await parts.patience.rested(parts.db, workspace, id, seconds)
    if found is None:
        return None
    view = (await view_of(parts, found)).model_dump(mode="json", by_alias=True)
    return JSONResponse(view, headers=dict(response.headers))
