"""Telling a running execution something: which of its runs is meant, and what it means when none hears."""

from api.errors import Problem, unavailable
from api.parts import Parts
from dsl.digests import digest_of
from dsl.messages import ENDED, Control
from intake.gateway import Chain, Unreachable
from store import executions
from store.executions import Execution
from store.ids import new_id


async def command(
    parts: Parts, workspace: str, execution: Execution, control: Control, key: str | None
) -> None:
    """Hands a command over, once for each key; 409 where nothing runs that could obey."""
    require_running(execution)
    # The id of the update: Temporal takes one only once. A key may hold anything, so it is not shown.
    id = digest_of([control.model_dump(mode="json"), key])[:32] if key else new_id()
    try:
        heard = await parts.gateway.control(_chain(execution), control, id)
    except Unreachable:
        raise unavailable("temporal") from None
    await _require_heard(parts, workspace, execution, heard)


async def cancel(parts: Parts, workspace: str, execution: Execution) -> None:
    """Asks it to stop; 409 where it has ended in another way than that."""
    if execution.status == "cancelled":
        return
    require_running(execution)
    try:
        heard = await parts.gateway.cancel(_chain(execution))
    except Unreachable:
        raise unavailable("temporal") from None
    await _require_heard(parts, workspace, execution, heard)


def require_running(execution: Execution) -> None:
    """409 for an execution that has ended."""
    if execution.status in ENDED:
        raise Problem(409, "EXECUTION_ENDED", "The execution has ended.")


def _chain(execution: Execution) -> Chain:
    return Chain(execution.workflow_id, execution.id, execution.first_run_id)


async def _require_heard(parts: Parts, workspace: str, execution: Execution, heard: bool) -> None:
    """Nobody runs it: it has ended since it was looked up, or is about to begin."""
    if heard:
        return
    if now := await executions.find(parts.db, workspace, execution.id):
        require_running(now)
    message = "The execution does not run at this moment. Please try again."
    raise Problem(409, "EXECUTION_NOT_RUNNING", message, headers={"Retry-After": "1"})
