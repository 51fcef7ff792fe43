"""Executions: list, look at, read the record."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from api.errors import documented
from api.execution_shapes import Address, ExecutionPage, ExecutionView, HistoryPage
from api.execution_views import item_of, summary_of, view_of
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf, FlowOf
from api.masking import private_names
from api.paging import Paging, PagingOf, cut
from api.parts import parts_of
from dsl.messages import Status
from store import executions, flows
from store.executions import Filter
from store.refs import as_id

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

Mask = Annotated[bool, Query(description="Hide the values of variables that the flow declares as `pii`.")]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such time") from None


def _written(moment: object) -> object:
    # A number, which is a time to the framework, is none by RFC 3339.
    if isinstance(moment, str) and "T" not in moment.upper():
        raise ValueError("a time is written as in 2026-01-17T09:30:00Z")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]


async def _filter(
    status: Annotated[list[Status] | None, Query(description="Any of these.", max_length=20)] = None,
    active: Annotated[
        bool | None, Query(description="`true`: only those that have not ended; `false`: only ended ones.")
    ] = None,
    mode: Literal["live", "test"] | None = None,
    conversation_id: Annotated[Address | None, Query(alias="conversationId", examples=["42"])] = None,
    started_after: Annotated[
        Moment | None, Query(alias="startedAfter", description="Then, or later.")
    ] = None,
    started_before: Annotated[
        Moment | None, Query(alias="startedBefore", description="Earlier than then.")
    ] = None,
) -> Filter:
    """The filters of every list of executions."""
    return Filter(
        status=status or (),
        active=active,
        mode=mode,
        conversation_id=conversation_id,
        since=started_after,
        until=started_before,
    )


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/executions")
@with_key()
async def list_executions(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    wanted: Wanted,
    flow_id: Annotated[
        str | None, Query(alias="flowId", max_length=128, description="UUID, or the flow's own `id`.")
    ] = None,
) -> ExecutionPage:
    """Executions, newest first."""
    if flow_id:
        flow = await flows.find(parts_of(request).db, caller.workspace, flow_id)
        # What a deleted flow did is still found by its UUID.
        known = flow.id if flow else as_id(flow_id)
        if known is None:
            paging.place()
            return ExecutionPage(items=[], next_cursor=None)
        wanted = wanted._replace(flow_id=known)
    return await _page(request, response, caller.workspace, paging, wanted)


@router.get("/flows/{id}/executions", responses=documented(404))
@with_key()
async def list_flow_executions(
    request: Request, response: Response, caller: CallerOf, flow: FlowOf, paging: PagingOf, wanted: Wanted
) -> ExecutionPage:
    """A flow's executions, newest first."""
    return await _page(request, response, caller.workspace, paging, wanted._replace(flow_id=flow.id))


@router.get("/executions/{id}", responses=documented(404))
@with_key()
async def get_execution(request: Request, execution: ExecutionOf, mask: Mask = False) -> ExecutionView:
    """Where an execution stands: its node, what it waits for and until when, its results or its error."""
    return await view_of(parts_of(request), execution, mask=mask)


@router.get("/executions/{id}/history", responses=documented(404))
@with_key()
async def get_execution_history(
    request: Request,
    response: Response,
    caller: CallerOf,
    execution: ExecutionOf,
    paging: PagingOf,
    mask: Mask = False,
) -> HistoryPage:
    """The record, line by line: what was done, what came of it, and the variables at each wait."""
    parts = parts_of(request)
    rows = await executions.history(
        parts.db, caller.workspace, execution.id, paging.limit + 1, paging.number()
    )
    page, cursor = cut(rows, paging.limit, lambda line: line.seq, request, response)
    private = await private_names(parts, execution.plan_digest if mask else None)
    return HistoryPage(items=[item_of(line, private) for line in page], next_cursor=cursor)


async def _page(
    request: Request, response: Response, workspace: str, paging: Paging, wanted: Filter
) -> ExecutionPage:
    db = parts_of(request).db
    rows = await executions.page(db, workspace, paging.limit + 1, paging.place(), wanted)
    page, cursor = cut(rows, paging.limit, lambda row: (row.created_at, row.id), request, response)
    return ExecutionPage(items=[summary_of(row) for row in page], next_cursor=cursor)
