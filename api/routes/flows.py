"""Flows: store, read, list."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, TypeAdapter, ValidationError

from api.bodies import MIB
from api.compiling import canonical, compiled, issues_of
from api.errors import Problem, documented, not_found
from api.flow_shapes import FlowInput, FlowMetadata, FlowPage, FlowSaved, FlowStatus, FlowSummary, FlowView
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.paging import PagingOf, cut
from api.parts import parts_of
from dsl.issues import issue
from dsl.spec import Id
from store import flows
from store.flows import Draft, Flow

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)

_ID: TypeAdapter[str] = TypeAdapter(Id)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character cannot be searched for")
    return text


@router.post(
    "/flows",
    status_code=201,
    responses={200: {"model": FlowSaved, "description": "Known: a new version"}},
)
@with_key(body=2 * MIB)
async def create_flow(request: Request, response: Response, caller: CallerOf, body: FlowInput) -> FlowSaved:
    """Stores a flow, or the next version of the flow with the same `id`.

    Errors are no obstacle: half-drawn flows are saved as drafts; publishing is what refuses them.
    The same document again gives the same version."""
    parts = parts_of(request)
    identity = _identity(body.flow)
    result = await compiled(parts, body.flow)
    spec = canonical(result.spec) if result.spec else None
    draft = Draft(*identity, body.flow, body.ui, spec, result.dialect or "unknown")
    saved = await flows.save(parts.db, caller.workspace, f"key:{caller.key_id}", draft)
    response.status_code = 201 if saved.fresh else 200
    response.headers["Location"] = f"/api/v1/flows/{saved.id}"
    return FlowSaved(
        id=saved.id,
        key=draft.key,
        version=saved.version,
        status="published" if saved.published else "draft",
        created_at=saved.created_at,
    )


@router.get("/flows")
@with_key()
async def list_flows(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    status: FlowStatus | None = None,
    q: Annotated[
        str | None,
        Query(max_length=100, description="Part of the name or of the flow's `id`."),
        AfterValidator(lambda text: text and _without_nul(text)),
    ] = None,
) -> FlowPage:
    """Flows, newest first."""
    rows = await flows.page(
        parts_of(request).db, caller.workspace, paging.limit + 1, paging.place(), status=status, q=q
    )
    page, cursor = cut(rows, paging.limit, lambda flow: (flow.created_at, flow.id), request, response)
    return FlowPage(items=[FlowSummary(**_summary(flow)) for flow in page], next_cursor=cursor)


@router.get("/flows/{id}", responses=documented(404))
@with_key()
async def get_flow(request: Request, caller: CallerOf, flow: FlowOf) -> FlowView:
    """The flow's latest version as it was sent, with its `ui`, and how its live executions have gone."""
    db = parts_of(request).db
    version = await flows.version(db, caller.workspace, flow.id, flow.version)
    if version is None:
        raise not_found("flow")
    figures = await flows.figures(db, caller.workspace, flow.id)
    return FlowView(
        **_summary(flow), flow=version.document, ui=version.ui, metadata=FlowMetadata(**figures._asdict())
    )


def _summary(flow: Flow) -> dict[str, Any]:
    return flow._asdict()


def _identity(document: dict[str, Any]) -> tuple[str, str, str | None]:
    """(key, name, description): all that must be readable in a draft."""
    key = document.get("id")
    try:
        _ID.validate_python(key)
    except ValidationError:
        raise _unreadable(key is None) from None
    name, about = document.get("name"), document.get("description")
    named = name if isinstance(name, str) and name else str(key)
    return str(key), named[:255], about if isinstance(about, str) else None


def _unreadable(missing: bool) -> Problem:
    code = "MISSING_FIELD" if missing else "INVALID_VALUE"
    message = (
        "A flow has an `id` of letters, digits and _ . : - (128 at most), beginning with a letter or digit."
    )
    return Problem(422, code, message, details=issues_of([issue(code, message, pointer="/id")]))
