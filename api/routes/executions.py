"""Executions: list, look at, read the record."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.errors import documented
from api.execution_shapes import (
    Address,
    ExecutionPage,
    ExecutionSummary,
    ExecutionView,
    HistoryItem,
    HistoryPage,
    Timings,
    Waiting,
)
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import ExecutionOf
from api.masking import masked, private_names
from api.paging import PagingOf, cut
from api.parts import parts_of
from dsl.messages import Status
from store import executions, flows
from store.executions import Execution, Filter, Line

router = APIRouter(prefix="/api/v1", tags=["executions"], route_class=GuardedRoute)

Mask = Annotated[bool, Query(description="Hide the values of variables that the flow declares as `pii`.")]


class _Wanted:
    """The filters of the list."""

    def __init__(
        self,
        status: Annotated[list[Status] | None, Query(description="Any of these.")] = None,
        flow_id: Annotated[
            str | None, Query(alias="flowId", max_length=128, description="UUID, or the flow's own `id`.")
        ] = None,
        conversation_id: Annotated[Address | None, Query(alias="conversationId")] = None,
    ) -> None:
        self.status, self.flow, self.conversation = status or (), flow_id, conversation_id


@router.get("/executions")
@with_key()
async def list_executions(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    wanted: Annotated[_Wanted, Depends()],
) -> ExecutionPage:
    """Executions, newest first."""
    db = parts_of(request).db
    flow = await flows.find(db, caller.workspace, wanted.flow) if wanted.flow else None
    if wanted.flow and flow is None:
        return ExecutionPage(items=[], next_cursor=None)
    filter = Filter(wanted.status, flow and flow.id, wanted.conversation)
    rows = await executions.page(db, caller.workspace, paging.limit + 1, paging.place(), filter)
    page, cursor = cut(rows, paging.limit, lambda row: (row.created_at, row.id), request, response)
    return ExecutionPage(items=[ExecutionSummary(**_summary(row)) for row in page], next_cursor=cursor)


@router.get("/executions/{id}", responses=documented(404))
@with_key()
async def get_execution(request: Request, execution: ExecutionOf, mask: Mask = False) -> ExecutionView:
    """Where an execution stands."""
    private = await private_names(parts_of(request), execution.plan_digest if mask else None)
    context = execution.context
    return ExecutionView(
        **_summary(execution),
        variables=masked(context.get("variables") or {}, private),
        results=context.get("results") or {},
        waiting=Waiting.model_validate(execution.waiting) if execution.waiting else None,
        error=execution.error,
    )


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
    return HistoryPage(items=[_item(line, private) for line in page], next_cursor=cursor)


def _summary(execution: Execution) -> dict[str, Any]:
    ended = execution.completed_at
    timings = Timings(
        created_at=execution.created_at,
        started_at=execution.started_at,
        updated_at=execution.updated_at,
        completed_at=ended,
        duration=(ended - execution.created_at).total_seconds() if ended else None,
    )
    shown = {name: getattr(execution, name) for name in ExecutionSummary.model_fields if name != "timings"}
    return shown | {"timings": timings}


def _item(line: Line, private: frozenset[str]) -> HistoryItem:
    row = line._asdict()
    snapshot = row.pop("variables_snapshot")
    return HistoryItem(**row, variables=None if snapshot is None else masked(snapshot, private))
