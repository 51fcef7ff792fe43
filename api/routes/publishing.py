"""Flows: check, publish, take back."""

from fastapi import APIRouter, Request, Response

from api.bodies import MIB
from api.compiling import checked, runnable, taken
from api.errors import Problem, documented, not_found
from api.flow_shapes import (
    FlowInput,
    FlowPublished,
    FlowUnpublished,
    OptionalFlow,
    Validation,
    VersionChoice,
)
from api.guard import Caller, CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf, Ref
from api.once import Done, IdempotencyKey, once
from api.parts import Parts, parts_of
from api.preconditions import Wanted, tag
from dsl.model import Json
from store import flows, publications
from store.flows import Flow
from store.triggers import Conflict

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)


@router.post("/flows/validate")
@with_key(body=2 * MIB)
async def validate_unsaved_flow(request: Request, caller: CallerOf, body: FlowInput) -> Validation:
    """Checks a flow that need not be stored."""
    return await _validate(parts_of(request), caller, body.flow)


@router.post("/flows/{id}/validate", responses=documented(404))
@with_key(body=2 * MIB)
async def validate_flow(
    request: Request, caller: CallerOf, id: Ref, body: OptionalFlow | None = None
) -> Validation:
    """Checks the flow in the body (then `id` may be any word), or the stored draft."""
    parts = parts_of(request)
    if body is not None and body.flow is not None:
        return await _validate(parts, caller, body.flow)
    flow = await flows.find(parts.db, caller.workspace, id)
    version = flow and await flows.version(parts.db, caller.workspace, flow.id, flow.version)
    if version is None:
        raise not_found("flow")
    return await _validate(parts, caller, version.document)


@router.post("/flows/{id}/publish", responses=documented(404, 409, 412))
@with_key()
async def publish_flow(
    request: Request,
    response: Response,
    caller: CallerOf,
    flow: FlowOf,
    revision: Wanted,
    body: VersionChoice | None = None,
) -> FlowPublished:
    """Compiles a version and lets it run, with its trigger. Executions under way keep their version.

    The flows that its `subflow` nodes name are fixed as they are published now: whatever becomes of them
    later, this one walks what it was published with, until it is published again."""
    number = (body and body.version) or flow.version
    published = await _publish(parts_of(request), caller, flow, number, revision)
    tag(response, flow.id, published.revision)
    return published


@router.post("/flows/{id}/rollback", responses=documented(404, 409, 412))
@with_key()
async def roll_back_flow(
    request: Request,
    response: Response,
    caller: CallerOf,
    flow: FlowOf,
    revision: Wanted,
    idempotency_key: IdempotencyKey = None,
) -> FlowPublished:
    """Lets the version before run again: the newest below the running one that was ever published.

    The flows that it names are fixed anew, as when it is published: `id@version` keeps one as it was."""
    parts = parts_of(request)

    async def work(_: str) -> Done[FlowPublished]:
        earlier = flow.published_version and await publications.before(
            parts.db, caller.workspace, flow.id, flow.published_version
        )
        if not earlier:
            raise Problem(409, "NOTHING_TO_ROLL_BACK_TO", "No earlier version was ever published.")
        # Two at once must not both go back from the same version, nor the second from the first one's.
        return Done(200, await _publish(parts, caller, flow, earlier, revision or flow.revision))

    asked = ["rollback", flow.id]
    done = await once(parts.db, caller.workspace, idempotency_key, asked, FlowPublished, work)
    tag(response, flow.id, done.answer.revision)
    return done.onto(response)


@router.post("/flows/{id}/unpublish", responses=documented(404, 412))
@with_key()
async def unpublish_flow(
    request: Request, response: Response, caller: CallerOf, flow: FlowOf, revision: Wanted
) -> FlowUnpublished:
    """Takes the flow back to a draft: nothing starts it any more. Executions under way go on.

    So do published flows that walk it; to be published again they need it published, or name a version."""
    after = await publications.unpublish(parts_of(request).db, caller.workspace, flow.id, revision)
    tag(response, flow.id, after.revision)
    return FlowUnpublished(
        id=flow.id, key=flow.key, version=after.version, status="draft", revision=after.revision
    )


async def _publish(
    parts: Parts, caller: Caller, flow: Flow, number: int, revision: int | None
) -> FlowPublished:
    version = await flows.version(parts.db, caller.workspace, flow.id, number)
    if version is None:
        raise not_found("version")
    made, warnings = await runnable(parts, caller.workspace, version, outside=True)
    try:
        after = await publications.publish(parts.db, caller.workspace, flow.id, made, revision)
    except Conflict as conflict:
        raise taken(conflict.flow) from None
    assert after.published_at, "it was published just now"
    return FlowPublished(
        id=flow.id,
        key=flow.key,
        version=number,
        status="published",
        revision=after.revision,
        digest=made.digest,
        published_at=after.published_at,
        warnings=warnings,
    )


async def _validate(parts: Parts, caller: Caller, document: dict[str, Json]) -> Validation:
    result = await checked(parts, caller.workspace, document)
    return Validation(valid=not result.errors, errors=result.errors, warnings=result.warnings)
