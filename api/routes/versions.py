"""Versions of a flow: list, look at."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.errors import documented, not_found
from api.flow_shapes import FlowStatus, VersionPage, VersionSummary, VersionView
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.paging import PagingOf, cut
from api.parts import parts_of
from api.verbatim import answer
from store import flows
from store.flows import Flow

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)


@router.get("/flows/{id}/versions", responses=documented(404))
@with_key()
async def list_flow_versions(
    request: Request, response: Response, caller: CallerOf, flow: FlowOf, paging: PagingOf
) -> VersionPage:
    """Every version that was stored, newest first."""
    rows = await flows.versions(
        parts_of(request).db, caller.workspace, flow.id, paging.limit + 1, paging.number()
    )
    page, cursor = cut(rows, paging.limit, lambda row: row.version, request, response)
    items = [
        VersionSummary(**row._asdict(), digest=row.plan_digest, status=_status(flow, row.version))
        for row in page
    ]
    return VersionPage(items=items, next_cursor=cursor)


@router.get("/flows/{id}/versions/{version}", response_model=VersionView, responses=documented(404))
@with_key()
async def get_flow_version(
    request: Request,
    caller: CallerOf,
    flow: FlowOf,
    version: Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])],
) -> Response:
    """One version as it was sent, with its `ui`."""
    found = await flows.version(parts_of(request).db, caller.workspace, flow.id, version)
    if found is None:
        raise not_found("version")
    view = VersionView(
        version=found.version,
        status=_status(flow, version),
        digest=found.plan_digest,
        created_at=found.created_at,
        published_at=found.published_at,
        flow={},
        ui=None,
    )
    return answer(view, flow=found.sent, ui=found.ui)


def _status(flow: Flow, version: int) -> FlowStatus:
    return "published" if version == flow.published_version else "draft"
