"""Runs as Temporal knows them: started and signalled, its errors in our words."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dsl.inputs import Input
from dsl.messages import CONTROL, DELIVER, QUEUE, TURN, WORKFLOW, Control, Scene
from dsl.state import RunInput
from dsl.turns import Shown

RPC_SECONDS = 5.0
TURN_SECONDS = 10.0
"""Backstop of a turn, whose caller waits less."""
PATIENCE = 8.0
"""Seconds for a call with its retries and, where there is none yet, its connection."""
TASK_TIMEOUT = timedelta(seconds=10)
SUMMARY_BYTES = 400
EXECUTION = "execution"
"""Key of the memo that says whose run holds a workflow id."""

FLOW_ID = SearchAttributeKey.for_keyword("FlowId")
WORKSPACE_ID = SearchAttributeKey.for_keyword("WorkspaceId")
CHANNEL = SearchAttributeKey.for_keyword("Channel")
FLOW_VERSION = SearchAttributeKey.for_int("FlowVersion")
IS_TEST = SearchAttributeKey.for_bool("IsTest")


class Unreachable(Exception):
    """Temporal does not answer, or not as it should; whether it did what was asked is not known."""


class Taken(Exception):
    """The workflow id is in use, or was used and may not be again."""


class Start(NamedTuple):
    """A run to start: `once` where its workflow id is its own and is never used again."""

    run: RunInput
    workflow_id: str
    name: str
    once: bool = False


class Chain(NamedTuple):
    """An execution's runs; `first_run` is None until the record knows it."""

    workflow_id: str
    execution_id: str
    first_run: str | None


class Runs:
    """The runs of one Temporal namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def check(self, seconds: float) -> None:
        """Return if Temporal serves; else `Unreachable`."""
        async with _answered(seconds):
            healthy = await self._client.service_client.check_health(timeout=timedelta(seconds=seconds))
        if not healthy:
            raise Unreachable("NOT_SERVING")

    async def signal(self, workflow_id: str, inputs: Sequence[Input]) -> bool:
        """Deliver inputs to the run of that id; False where none is open."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            async with _answered(PATIENCE):
                await handle.signal(DELIVER, list(inputs), rpc_timeout=timedelta(seconds=RPC_SECONDS))
        except _NotFound:
            return False
        return True

    async def start(self, start: Start) -> None:
        """Start a run; `Taken` where its workflow id is in use (or, with `once`, was)."""
        try:
            async with _answered(PATIENCE):
                await self._client.start_workflow(
                    WORKFLOW,
                    start.run,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    request_eager_start=True,
                    rpc_timeout=timedelta(seconds=RPC_SECONDS),
                    **_options(start),
                )
        except WorkflowAlreadyStartedError:
            raise Taken(start.workflow_id) from None

    async def turn(self, workflow_id: str, inputs: Sequence[Input], id: str) -> Shown | None:
        """What a turn comes to in the run of that workflow id, None where none is open.

        Without a screen where the run ended, or went on as another, over it: to be asked anew, under another
        `id`, which is the update's. Waits as long as the caller lets it.
        """
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            async with _answered(TURN_SECONDS):
                shown: Shown = await handle.execute_update(TURN, list(inputs), id=id, result_type=Shown)
        except WorkflowUpdateFailedError:
            return Shown()
        except _NotFound:
            return None
        return shown

    async def turn_with_start(self, start: Start, inputs: Sequence[Input], id: str) -> Shown:
        """The same in a run that is started with it, unless one is open; then in that."""
        run: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW,
            start.run,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **_options(start),
        )
        try:
            async with _answered(TURN_SECONDS):
                shown: Shown = await self._client.execute_update_with_start_workflow(
                    TURN, list(inputs), start_workflow_operation=run, id=id, result_type=Shown
                )
        except (_NotFound, WorkflowUpdateFailedError):
            return Shown()
        finally:
            _looked_at(run)
        return shown

    async def holder(self, workflow_id: str, *, only_open: bool = False) -> str | None:
        """The execution that the newest run of a workflow id belongs to."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            async with _answered(PATIENCE):
                described = await handle.describe(rpc_timeout=timedelta(seconds=RPC_SECONDS))
                held: str | None = await described.memo_value(EXECUTION, None)
        except _NotFound:
            return None
        return None if only_open and described.status is not WorkflowExecutionStatus.RUNNING else held

    async def cancel(self, chain: Chain) -> bool:
        """Ask an execution's run to stop, as often as one likes; False where it ended by itself."""
        try:
            handle = await self._handle(chain)
            async with _answered(PATIENCE):
                await handle.cancel(rpc_timeout=timedelta(seconds=RPC_SECONDS))
        except _NotFound:
            return False
        return True

    async def control(self, chain: Chain, control: Control, id: str) -> bool:
        """Hand a command to an execution's run, once for each id; False where none is open."""
        try:
            handle = await self._handle(chain)
            async with _answered(PATIENCE):
                await handle.execute_update(CONTROL, control, id=id)
        except (_NotFound, WorkflowUpdateFailedError):
            # A run that ends with an update unanswered fails the update.
            return False
        return True

    async def _handle(self, chain: Chain) -> WorkflowHandle[Any, Any]:
        """Of exactly this execution: another one may have its workflow id by now."""
        first = chain.first_run or await self._first_run(chain)
        return self._client.get_workflow_handle(chain.workflow_id, first_execution_run_id=first)

    async def _first_run(self, chain: Chain) -> str:
        handle = self._client.get_workflow_handle(chain.workflow_id)
        async with _answered(PATIENCE):
            described = await handle.describe(rpc_timeout=timedelta(seconds=RPC_SECONDS))
            held = await described.memo_value(EXECUTION, None)
        if held != chain.execution_id:
            raise _NotFound
        first: str = described.raw_description.workflow_execution_info.first_run_id
        return first


class _NotFound(Exception):
    """No such run is open."""


@asynccontextmanager
async def _answered(seconds: float) -> AsyncIterator[None]:
    """Bound a call and put its failure in our words: what Temporal says may quote what it was given."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and not _of_namespace(error):
            raise _NotFound from None
        raise Unreachable(error.status.name) from None
    except RPCTimeoutOrCancelledError as error:
        # Updates turn the caller's own end of patience into an error of theirs.
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from None
        raise Unreachable(type(error).__name__) from None
    except (TimeoutError, OSError, RuntimeError) as error:
        # The SDK's core raises RuntimeError where a lazy client cannot connect.
        raise Unreachable(type(error).__name__) from None


def _of_namespace(error: RPCError) -> bool:
    """Whether the namespace is what was not found: then nobody knows what becomes of the run."""
    details = error.grpc_status.details
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


def _looked_at(run: WithStartWorkflowOperation[Any, Any]) -> None:
    """What the SDK keeps of a start that failed or was given up: it was told, and nobody else asks."""
    handle = run._workflow_handle
    if handle.done() and not handle.cancelled():
        handle.exception()


def _options(start: Start) -> dict[str, Any]:
    """What a run is started with, whichever way."""
    policy = WorkflowIDReusePolicy
    return {
        "id": start.workflow_id,
        "task_queue": QUEUE,
        "task_timeout": TASK_TIMEOUT,
        "id_reuse_policy": policy.REJECT_DUPLICATE if start.once else policy.ALLOW_DUPLICATE,
        "memo": {EXECUTION: start.run.scene.execution_id},
        "search_attributes": _attributes(start.run.scene),
        "static_summary": start.name.encode()[:SUMMARY_BYTES].decode(errors="ignore"),
    }


def _attributes(scene: Scene) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(FLOW_ID, scene.flow_id),
            SearchAttributePair(WORKSPACE_ID, scene.workspace),
            SearchAttributePair(CHANNEL, scene.channel or "api"),
            SearchAttributePair(FLOW_VERSION, scene.flow_version),
            SearchAttributePair(IS_TEST, scene.mode == "test"),
        ]
    )
