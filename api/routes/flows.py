"""Flows: store, read, list, change, delete."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AfterValidator, TypeAdapter, ValidationError

from api.bodies import MIB
from api.compiling import canonical, compiled
from api.errors import Problem, documented, not_found
from api.flow_shapes import FlowInput, FlowMetadata, FlowPage, FlowSaved, FlowStatus, FlowSummary, FlowView
from api.guard import Caller, CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.once import Done, IdempotencyKey, once
from api.paging import PagingOf, cut
from api.parts import Parts, parts_of
from api.preconditions import Required, Wanted, etag_of, named, tag
from api.verbatim import answer, members
from compiler.dialects.ui_flow import UI_FLOW, slug
from dsl.spec import Id
from store import flows, publications
from store.flows import Draft, Flow, Saved

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)

_ID: TypeAdapter[str] = TypeAdapter(Id)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character cannot be searched for")
    return text


@router.post(
    "/flows",
    status_code=201,
    responses=documented(409) | {200: {"model": FlowSaved, "description": "Known: a new version"}},
)
@with_key(body=2 * MIB)
async def create_flow(
    request: Request,
    response: Response,
    caller: CallerOf,
    body: FlowInput,
    idempotency_key: IdempotencyKey = None,
) -> FlowSaved:
    """Stores a flow, or the next version of the flow with the same `id`.

    Errors are no obstacle: half-drawn flows are saved as drafts; publishing is what refuses them.
    The same document again gives the same version."""
    parts = parts_of(request)
    draft = await _drafted(parts, caller, body, await request.body())

    async def work(_: str) -> Done[FlowSaved]:
        saved = await flows.save(parts.db, caller.workspace, _author(caller), draft)
        return Done(201 if saved.fresh else 200, _saved(saved, draft.key))

    asked = ["flow", body.flow, body.ui]
    done = await once(parts.db, caller.workspace, idempotency_key, asked, FlowSaved, work)
    response.headers["Location"] = f"/api/v1/flows/{done.answer.id}"
    tag(response, done.answer.id, done.answer.revision)
    return done.onto(response)


@router.put("/flows/{id}", responses=documented(404, 412, 428))
@with_key(body=2 * MIB)
async def update_flow(
    request: Request, response: Response, caller: CallerOf, flow: FlowOf, revision: Required, body: FlowInput
) -> FlowSaved:
    """Stores the next version of a flow that nobody else has changed since it was read.

    The document's own `id` stays what it is. The same document again is no change."""
    parts = parts_of(request)
    draft = await _drafted(parts, caller, body, await request.body())
    if draft.key != flow.key:
        raise _unreadable("FLOW_ID_MISMATCH", f"The flow's own `id` is '{flow.key}'; it never changes.")
    saved = await flows.update(parts.db, caller.workspace, _author(caller), flow.id, draft, revision)
    tag(response, saved.id, saved.revision)
    return _saved(saved, draft.key)


@router.delete("/flows/{id}", status_code=204, responses=documented(404, 412))
@with_key()
async def delete_flow(request: Request, caller: CallerOf, flow: FlowOf, revision: Wanted) -> None:
    """Hides a flow: nothing starts it any more, and its `id` is free for another.

    Executions under way go on, and their record stays; published flows that walk it keep doing so."""
    await publications.delete(parts_of(request).db, caller.workspace, flow.id, revision)


@router.get("/flows")
@with_key()
async def list_flows(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    status: FlowStatus | None = None,
    channel: Annotated[
        str | None,
        Query(pattern="^[A-Za-z0-9_-]{1,64}$", description="Only flows that events of this channel start."),
    ] = None,
    q: Annotated[
        str | None,
        Query(max_length=100, description="Part of the name or of the flow's `id`."),
        AfterValidator(lambda text: text and _without_nul(text)),
    ] = None,
) -> FlowPage:
    """Flows, newest first."""
    wanted = {"status": status, "channel": channel, "q": q}
    rows = await flows.page(
        parts_of(request).db, caller.workspace, paging.limit + 1, paging.place(), **wanted
    )
    page, cursor = cut(rows, paging.limit, lambda flow: (flow.created_at, flow.id), request, response)
    return FlowPage(items=[FlowSummary(**_summary(flow)) for flow in page], next_cursor=cursor)


@router.get(
    "/flows/{id}",
    response_model=FlowView,
    responses=documented(404) | {304: {"description": "Not changed since the ETag in If-None-Match"}},
)
@with_key()
async def get_flow(
    request: Request,
    caller: CallerOf,
    flow: FlowOf,
    if_none_match: Annotated[
        str | None, Header(max_length=1000, description="An `ETag`: 304 where the flow is still at it.")
    ] = None,
) -> Response:
    """The flow's latest version as it was sent, with its `ui`, and how its live executions have gone."""
    etag = etag_of(flow.id, flow.revision)
    if if_none_match and named(if_none_match) & {etag, f"W/{etag}", "*"}:
        return Response(status_code=304, headers={"ETag": etag})
    db = parts_of(request).db
    version = await flows.version(db, caller.workspace, flow.id, flow.version)
    if version is None:
        raise not_found("flow")
    figures = await flows.figures(db, caller.workspace, flow.id)
    metadata = FlowMetadata(**figures._asdict())
    view = FlowView(**_summary(flow), flow={}, ui=None, metadata=metadata)
    found = answer(view, flow=version.sent, ui=version.ui)
    found.headers["ETag"] = etag
    return found


async def _drafted(parts: Parts, caller: Caller, body: FlowInput, raw: bytes) -> Draft:
    """What is read of a flow that was sent; 422 without an `id`, or, of a canvas, a name to make one of."""
    result = await compiled(parts, caller.workspace, body.flow)
    name = body.flow.get("name") if result.dialect == UI_FLOW else None
    identity = _identity({"id": slug(name), **body.flow} if isinstance(name, str) else body.flow)
    spec = canonical(result.spec) if result.spec else None
    return Draft(*identity, *_texts(raw.decode()), spec, result.dialect or "unknown")


def _texts(body: str) -> tuple[str, str | None]:
    """Flow and `ui` as they were sent; a bare flow is the body itself."""
    sent = dict(members(body))
    ui = sent.get("ui") if "flow" in sent else None
    return sent.get("flow", body.strip()), None if ui == "null" else ui


def _author(caller: Caller) -> str:
    return f"key:{caller.key_id}"


def _saved(saved: Saved, key: str) -> FlowSaved:
    return FlowSaved(
        id=saved.id,
        key=key,
        version=saved.version,
        status="published" if saved.published else "draft",
        revision=saved.revision,
        created_at=saved.created_at,
    )


def _summary(flow: Flow) -> dict[str, Any]:
    return flow._asdict()


def _identity(document: dict[str, Any]) -> tuple[str, str, str | None]:
    """(key, name, description): all that must be readable in a draft."""
    key = document.get("id")
    try:
        _ID.validate_python(key)
    except ValidationError:
        message = (
            "A flow has an `id` of letters, digits and _ . : - (128 at most); a letter or digit is first."
        )
        raise _unreadable("MISSING_FIELD" if key is None else "INVALID_VALUE", message) from None
    name, about = document.get("name"), document.get("description")
    named = name if isinstance(name, str) and name else str(key)
    return str(key), named[:255], about if isinstance(about, str) else None


def _unreadable(code: str, message: str) -> Problem:
    found = {"code": code, "pointer": "/id", "message": message}
    return Problem(422, code, message, details={"issues": [found]})
