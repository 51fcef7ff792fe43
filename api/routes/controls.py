"""Commands to a running execution: cancel, pause, resume, checkpoint."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from api import commands
from api.errors import documented
from api.execution_shapes import Commanded
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf
from api.once import IdempotencyKey
from api.parts import parts_of
from dsl.messages import Control
from store.executions import Execution

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
    await commands.cancel(parts_of(request), caller.workspace, execution)
    if execution.status == "cancelled":
        response.status_code = 200
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
    await commands.command(parts_of(request), workspace, execution, Control(command=command), key)
    return Commanded(execution_id=execution.id, command=command, status=execution.status)
