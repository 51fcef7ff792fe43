"""Starting an execution by API: once for each idempotency key, whatever dies in between."""

from collections.abc import Sequence
from typing import NamedTuple

from api import given, once, places
from api.compiling import runnable
from api.errors import Problem, not_found, unavailable
from api.execution_shapes import ExecuteInput, ExecutionStarted
from api.parts import Parts
from api.places import Place
from dsl.digests import digest_of
from dsl.messages import Scene
from intake.gateway import Busy, Unreachable
from store import executions, flows, idempotency, lanes, publications
from store.addresses import led_by
from store.executions import Mode, Starting
from store.flows import Flow
from store.idempotency import Reserved
from store.ids import new_id

Started = once.Done[ExecutionStarted]


class Order(NamedTuple):
    """What was asked for, and by whom."""

    workspace: str
    flow: Flow
    body: ExecuteInput
    key: str | None
    ttl: float | None = None
    """Seconds after which it is to end."""

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
    places.check(parts, order.body)
    earlier = await idempotency.held(parts.db, order.workspace, order.key) if order.key else None
    if earlier and (answer := _settled(earlier, order)):
        return answer
    planned = await _plan(parts, order)
    execution_id = earlier.execution_id if earlier else new_id()
    place = await places.place_of(parts, order.workspace, order.body, execution_id)
    starting = Starting(
        id=execution_id,
        flow_id=order.flow.id,
        flow_version=planned.version,
        plan_digest=planned.digest,
        lane_id=place.lane.id,
        conversation_id=place.conversation,
        workflow_id=place.lane.workflow_id,
        mode=order.mode,
        channel=place.channel,
    )
    if answer := await _reserve(parts, order, starting):
        return answer
    return await _start(parts, order, starting, place, planned.below)


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
        await executions.begin(connection, order.workspace, starting, order.ttl)
    return None


async def _start(
    parts: Parts, order: Order, starting: Starting, place: Place, plans: Sequence[str]
) -> Started:
    body = order.body
    try:
        await _free(parts, place)
        await parts.gateway.start_by_api(
            _scene(order, starting, place, await lanes.surface_of(parts.db, place.lane)),
            plan=starting.plan_digest,
            plans=plans,
            name=order.flow.name,
            workflow_id=starting.workflow_id,
            trigger=body.trigger,
            contact={**place.contact(), **body.contact()},
            conversation=place.shown(),
            variables=body.variables,
        )
    except Busy as busy:
        await _take_back(parts, order, starting)
        raise _busy(busy.execution_id) from None
    except Unreachable:
        await _let_go(parts, order, starting)
        raise unavailable("temporal") from None
    return await _finish(parts, order, starting)


async def _free(parts: Parts, place: Place) -> None:
    """Raises `Busy` where the person's address leads to a run on another channel."""
    if leader := await led_by(parts.db, place.lane):
        raise Busy(leader)


def _scene(order: Order, starting: Starting, place: Place, surface: str | None) -> Scene:
    return Scene(
        workspace=order.workspace,
        execution_id=starting.id,
        flow_id=starting.flow_id,
        flow_version=starting.flow_version,
        lane=place.lane.id,
        connection=place.lane.connection,
        conversation=place.conversation,
        channel=place.channel,
        surface=surface,
        phone=place.phone,
        service=place.service,
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
