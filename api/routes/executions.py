"""Executions: list, look at, read the record."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.errors import documented
from api.execution_shapes import ExecutionPage, ExecutionView, HistoryPage
from api.execution_views import item_of, summary_of, view_of
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf, FlowOf
from api.masking import private_names
from api.paging import Paging, PagingOf, cut
from api.parts import parts_of
from api.wanted import FlowId, Wanted, of_flow
from store import executions
from store.executions import Filter

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

Mask = Annotated[bool, Query(description="Hide the values of variables that the flow declares as `pii`.")]


@router.get("/executions")
@with_key()
async def list_executions(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    wanted: Wanted,
    flow_id: FlowId = None,
) -> ExecutionPage:
    """Executions, newest first."""
    found = await of_flow(parts_of(request).db, caller.workspace, wanted, flow_id)
    if found is None:
        paging.place()
        return ExecutionPage(items=[], next_cursor=None)
    return await _page(request, response, caller.workspace, paging, found)


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
