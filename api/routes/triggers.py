"""Triggers: which events start which flow, beyond what the specs say; and the channels they come by."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.compiling import taken
from api.errors import Problem, documented, not_found
from api.guard import Caller, CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf, Uuid
from api.once import Done, IdempotencyKey, once
from api.paging import PagingOf, cut
from api.parts import parts_of
from api.trigger_shapes import Channels, ChannelView, TriggerGiven, TriggerInput, TriggerPage, TriggerView
from store import flows, triggers
from store.flows import Flow
from store.refs import as_id
from store.triggers import PER_FLOW, Conflict, Full, OfSpec

router = APIRouter(prefix="/api/v1", tags=["triggers"], route_class=GuardedRoute)


@router.get("/triggers")
@with_key()
async def list_triggers(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    flow_id: Annotated[
        str | None,
        Query(alias="flowId", max_length=128, description="Only those of this flow: UUID, or its own `id`."),
    ] = None,
) -> TriggerPage:
    """What starts flows, newest first."""
    db, place = parts_of(request).db, paging.place()
    flow = await flows.find(db, caller.workspace, flow_id) if flow_id else None
    if flow_id and flow is None:
        return TriggerPage(items=[], next_cursor=None)
    rows = await triggers.page(db, caller.workspace, paging.limit + 1, place, flow and flow.id)
    page, cursor = cut(rows, paging.limit, lambda row: (row.created_at, row.id), request, response)
    return TriggerPage(items=[TriggerView.of(row) for row in page], next_cursor=cursor)


@router.post("/triggers", status_code=201, responses=documented(404, 409))
@with_key()
async def add_trigger(
    request: Request,
    response: Response,
    caller: CallerOf,
    body: TriggerInput,
    idempotency_key: IdempotencyKey = None,
) -> TriggerView:
    """Lets another event start a flow. It stays when the flow is published anew."""
    flow = await flows.find(parts_of(request).db, caller.workspace, body.flow_id)
    if flow is None:
        raise not_found("flow")
    return (await _added(request, caller, flow, body, idempotency_key)).onto(response)


@router.post("/flows/{id}/triggers", status_code=201, responses=documented(404, 409))
@with_key()
async def add_flow_trigger(
    request: Request,
    response: Response,
    caller: CallerOf,
    flow: FlowOf,
    body: TriggerGiven,
    idempotency_key: IdempotencyKey = None,
) -> TriggerView:
    """Lets another event start this flow. It stays when the flow is published anew."""
    return (await _added(request, caller, flow, body, idempotency_key)).onto(response)


async def _added(
    request: Request, caller: Caller, flow: Flow, body: TriggerGiven, key: str | None
) -> Done[TriggerView]:
    db = parts_of(request).db

    async def work(id: str) -> Done[TriggerView]:
        try:
            made = await triggers.put(db, caller.workspace, id, flow.id, body.row())
        except Conflict as conflict:
            raise taken(conflict.flow) from None
        except Full:
            raise Problem(409, "TOO_MANY_TRIGGERS", f"A flow has {PER_FLOW} triggers at most.") from None
        return Done(201, TriggerView.of(made))

    asked = ["trigger", flow.id, body.model_dump(mode="json")]
    return await once(db, caller.workspace, key, asked, TriggerView, work)


@router.delete("/triggers/{id}", status_code=204, responses=documented(404, 409))
@with_key()
async def delete_trigger(request: Request, caller: CallerOf, id: Uuid) -> None:
    """Takes an added trigger away; the one of the spec goes with the flow's publication."""
    known = as_id(id)
    try:
        gone = known is not None and await triggers.delete(parts_of(request).db, caller.workspace, known)
    except OfSpec:
        message = "The trigger is the spec's: publish the flow with another one, or unpublish it."
        raise Problem(409, "TRIGGER_OF_SPEC", message) from None
    if not gone:
        raise not_found("trigger")


@router.get("/channels")
@with_key()
async def list_channels(request: Request, caller: CallerOf) -> Channels:
    """The channels that are configured, without their secrets."""
    parts = parts_of(request)
    every = [(one, "chatwoot") for one in parts.channels.values()]
    every += [(one, "africastalking") for one in parts.lines.values()]
    mine = [ChannelView.of(one, provider) for one, provider in every if one.workspace == caller.workspace]
    return Channels(items=sorted(mine, key=lambda view: (view.name, view.provider)))
