"""Commands to a running execution: cancel, pause, resume, checkpoint."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from api.errors import Problem, documented, unavailable
from api.execution_shapes import Commanded
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf
from api.once import IdempotencyKey
from api.parts import parts_of
from dsl.messages import ENDED, Control
from dsl.plan import digest_of
from intake.gateway import Chain, Unreachable
from store import executions
from store.executions import Execution
from store.ids import new_id

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

Command = Literal["pause", "resume", "checkpoint"]


@router.post(
    "/executions/{id}/cancel",
    status_code=202,
    responses=documented(404, 409) | {200: {"model": Commanded, "description": "Cancelled already"}},
)
@with_key()
async def cancel_execution(
    request: Request, response: Response, caller: CallerOf, execution: ExecutionOf
) -> Commanded:
    """Asks the execution to stop: it does where it rests next, with its record written.

    Asking again is no error; an execution that has ended in another way is."""
    if execution.status == "cancelled":
        response.status_code = 200
    else:
        _require_running(execution)
        try:
            heard = await parts_of(request).gateway.cancel(_chain(execution))
        except Unreachable:
            raise unavailable("temporal") from None
        await _require_heard(request, caller.workspace, execution, heard)
    return Commanded(execution_id=execution.id, command="cancel", status=execution.status)


@router.post("/executions/{id}/pause", status_code=202, responses=documented(404, 409))
@with_key()
async def pause_execution(
    request: Request, caller: CallerOf, execution: ExecutionOf, idempotency_key: IdempotencyKey = None
) -> Commanded:
    """Holds the execution at its next step; what comes meanwhile is kept, and heard when it is resumed."""
    return await _command(request, caller.workspace, execution, "pause", idempotency_key)


@router.post("/executions/{id}/resume", status_code=202, responses=documented(404, 409))
@with_key()
async def resume_execution(
    request: Request, caller: CallerOf, execution: ExecutionOf, idempotency_key: IdempotencyKey = None
) -> Commanded:
    """Lets a paused execution go on."""
    return await _command(request, caller.workspace, execution, "resume", idempotency_key)


@router.post("/executions/{id}/checkpoint", status_code=202, responses=documented(404, 409))
@with_key()
async def checkpoint_execution(
    request: Request, caller: CallerOf, execution: ExecutionOf, idempotency_key: IdempotencyKey = None
) -> Commanded:
    """Lets the workflow begin a new run where it stands (continue-as-new), with nothing lost."""
    return await _command(request, caller.workspace, execution, "checkpoint", idempotency_key)


async def _command(
    request: Request, workspace: str, execution: Execution, command: Command, key: str | None
) -> Commanded:
    _require_running(execution)
    # The id of the update: Temporal takes one only once. A key may hold anything, so it is not shown.
    id = digest_of([command, key])[:32] if key else new_id()
    try:
        heard = await parts_of(request).gateway.control(_chain(execution), Control(command=command), id)
    except Unreachable:
        raise unavailable("temporal") from None
    await _require_heard(request, workspace, execution, heard)
    return Commanded(execution_id=execution.id, command=command, status=execution.status)


def _chain(execution: Execution) -> Chain:
    return Chain(execution.workflow_id, execution.id, execution.first_run_id)


def _require_running(execution: Execution) -> None:
    if execution.status in ENDED:
        raise Problem(409, "EXECUTION_ENDED", "The execution has ended.")


async def _require_heard(request: Request, workspace: str, execution: Execution, heard: bool) -> None:
    """Nobody runs it: it has ended since it was looked up, or is about to begin."""
    if heard:
        return
    if now := await executions.find(parts_of(request).db, workspace, execution.id):
        _require_running(now)
    message = "The execution does not run at this moment. Please try again."
    raise Problem(409, "EXECUTION_NOT_RUNNING", message, headers={"Retry-After": "1"})
