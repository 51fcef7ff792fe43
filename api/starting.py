"""Starting an execution by API: once for each idempotency key, whatever dies in between."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from api import given, once
from api.compiling import runnable
from api.errors import Problem, not_found, unavailable
from api.execution_shapes import ExecuteInput, ExecutionStarted
from api.parts import Parts
from dsl.messages import Scene
from dsl.plan import digest_of
from intake.gateway import Busy, Unreachable
from store import executions, flows, idempotency, lanes, publications
from store.executions import Mode, Starting
from store.flows import Flow
from store.idempotency import Reserved
from store.ids import new_id
from store.lanes import Lane

OWN_LANES = "api"
"""Connection of the lanes of executions without a conversation; their address is the execution's id."""
CHATWOOT = "chatwoot"
DEFAULT_CHANNEL = "main"
CONVERSATION = re.compile(r"[1-9][0-9]{0,9}")
"""As Chatwoot counts them. It becomes a workflow's id, which all at Temporal read: never a phone number."""


Started = once.Done[ExecutionStarted]


class Order(NamedTuple):
    """What was asked for, and by whom."""

    workspace: str
    flow: Flow
    body: ExecuteInput
    key: str | None

    @property
    def digest(self) -> str:
        """The request as an idempotency key remembers it."""
        return digest_of([self.flow.id, self.body.model_dump(mode="json")])

    @property
    def mode(self) -> Mode:
        """`test` runs send nothing and have a lane of their own."""
        return "test" if self.body.test_mode else "live"


class Planned(NamedTuple):
    """What is to run: a version, its plan by digest, and those that its subflows walk."""

    version: int
    digest: str
    below: Sequence[str]


async def start(parts: Parts, order: Order) -> Started:
    """Starts an execution, or finds the one that an earlier request with the same key has started."""
    _check(parts, order.body)
    earlier = await idempotency.held(parts.db, order.workspace, order.key) if order.key else None
    if earlier and (answer := _settled(earlier, order)):
        return answer
    planned = await _plan(parts, order)
    execution_id = earlier.execution_id if earlier else new_id()
    lane = await _lane(parts, order, execution_id)
    starting = Starting(
        id=execution_id,
        flow_id=order.flow.id,
        flow_version=planned.version,
        plan_digest=planned.digest,
        lane_id=lane.id,
        conversation_id=order.body.conversation,
        workflow_id=lane.workflow_id,
        mode=order.mode,
    )
    if answer := await _reserve(parts, order, starting):
        return answer
    return await _start(parts, order, starting, lane, planned.below)


def _check(parts: Parts, body: ExecuteInput) -> None:
    """What Temporal shows names nobody: 404 for a channel, 422 for a conversation, that is not ours."""
    _channel(parts, body)
    if body.conversation and not body.test_mode and not CONVERSATION.fullmatch(body.conversation):
        message = "A live conversation is named by its number in Chatwoot."
        raise Problem(422, "NOT_A_CONVERSATION", message)


def _settled(reserved: Reserved, order: Order) -> Started | None:
    """The earlier request's answer, None if it died without; 422 for another body, 409 while it runs."""
    died = reserved.answer is None and not reserved.running and reserved.digest == order.digest
    return None if died else once.earlier(reserved, order.digest, ExecutionStarted)


async def _plan(parts: Parts, order: Order) -> Planned:
    """The published version, in test mode the latest, compiled now if need be; 422 for what it is given."""
    flow = order.flow
    number = flow.version if order.body.test_mode else flow.published_version
    if number is None:
        raise Problem(409, "FLOW_NOT_PUBLISHED", "Only a published flow runs; a draft runs with testMode.")
    version = await flows.version(parts.db, order.workspace, flow.id, number)
    if version is None:
        raise not_found("version")
    given.check(version.params, order.body.variables)
    # A draft is tried with the flows that it refers to as they are published now.
    if version.plan_digest is None or (version.plans and version.published_at is None):
        made, _ = await runnable(parts, order.workspace, version)
        await publications.keep_plan(parts.db, order.workspace, flow.id, made)
        return Planned(number, made.digest, made.plan["plans"])
    return Planned(number, version.plan_digest, version.plans)


async def _lane(parts: Parts, order: Order, execution_id: str) -> Lane:
    """The conversation's lane; a test, or a run without a conversation, has its own."""
    conversation = order.body.conversation
    if conversation and not order.body.test_mode:
        channel = parts.channels[_channel(parts, order.body)]
        return await lanes.open_lane(parts.db, order.workspace, channel.connection, conversation)
    workflow_id = f"test/{execution_id}" if order.body.test_mode else execution_id
    return await lanes.open_lane(parts.db, order.workspace, OWN_LANES, execution_id, workflow_id=workflow_id)


def _channel(parts: Parts, body: ExecuteInput) -> str:
    name = body.channel if body.channel and body.channel != CHATWOOT else DEFAULT_CHANNEL
    if name not in parts.channels:
        raise not_found("channel")
    return name


async def _reserve(parts: Parts, order: Order, starting: Starting) -> Started | None:
    """Takes the key and writes the row in one transaction; the answer of whoever was faster."""
    async with parts.db.begin() as connection:
        if order.key:
            reserved = await idempotency.reserve(
                connection, order.workspace, order.key, order.digest, starting.id
            )
            if not reserved.mine:
                return _settled(reserved, order)
            if reserved.execution_id != starting.id:
                raise once.in_use()
        await executions.begin(connection, order.workspace, starting)
    return None


async def _start(parts: Parts, order: Order, starting: Starting, lane: Lane, plans: Sequence[str]) -> Started:
    body = order.body
    try:
        await parts.gateway.start_by_api(
            _scene(order, starting, lane, await lanes.surface_of(parts.db, lane)),
            plan=starting.plan_digest,
            plans=plans,
            name=order.flow.name,
            workflow_id=starting.workflow_id,
            trigger=body.trigger,
            contact=body.contact(),
            conversation={"id": body.conversation} if body.conversation else {},
            variables=body.variables,
        )
    except Busy as busy:
        await _take_back(parts, order, starting)
        raise _busy(busy.execution_id) from None
    except Unreachable:
        await _let_go(parts, order, starting)
        raise unavailable("temporal") from None
    return await _finish(parts, order, starting)


def _scene(order: Order, starting: Starting, lane: Lane, surface: str | None) -> Scene:
    conversation = order.body.conversation
    return Scene(
        workspace=order.workspace,
        execution_id=starting.id,
        flow_id=starting.flow_id,
        flow_version=starting.flow_version,
        lane=lane.id,
        connection=lane.connection,
        conversation=conversation,
        channel=CHATWOOT if conversation else order.body.channel,
        surface=surface,
        mode=order.mode,
        mock_data=order.body.mocks(),
    )


async def _finish(parts: Parts, order: Order, starting: Starting) -> Started:
    started = ExecutionStarted(
        execution_id=starting.id,
        status="starting",
        flow_id=starting.flow_id,
        flow_version=starting.flow_version,
    )
    if order.key:
        answer = started.model_dump(mode="json", by_alias=True)
        await idempotency.finish(parts.db, order.workspace, order.key, 202, answer)
    return Started(202, started)


async def _take_back(parts: Parts, order: Order, starting: Starting) -> None:
    """Nothing was started: no row, and the key is free."""
    async with parts.db.begin() as connection:
        await executions.discard(connection, order.workspace, starting.id)
        if order.key:
            await idempotency.forget(connection, order.workspace, order.key)


async def _let_go(parts: Parts, order: Order, starting: Starting) -> None:
    """Nobody knows whether it was started: with a key the next request finds out, else nobody asks."""
    if order.key:
        await idempotency.release(parts.db, order.workspace, order.key)
        return
    error = {"code": "START_UNKNOWN", "message": "Temporal did not answer the start.", "retryable": True}
    await executions.fail_start(parts.db, order.workspace, starting.id, error)


def _busy(execution_id: str | None) -> Problem:
    message = "The conversation has an execution already."
    return Problem(409, "CONVERSATION_BUSY", message, details={"executionId": execution_id})
