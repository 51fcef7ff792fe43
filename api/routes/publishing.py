"""Flows: check and publish."""

from fastapi import APIRouter, Request

from api.bodies import MIB
from api.compiling import compiled, issues_of, runnable
from api.errors import Problem, documented, not_found
from api.flow_shapes import FlowInput, FlowPublished, OptionalFlow, Validation, VersionChoice
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf, Ref
from api.parts import Parts, parts_of
from dsl.issues import issue
from dsl.model import Json
from store import flows
from store.triggers import Conflict

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)


@router.post("/flows/validate")
@with_key(body=2 * MIB)
async def validate_unsaved_flow(request: Request, body: FlowInput) -> Validation:
    """Checks a flow that need not be stored."""
    return await _validate(parts_of(request), body.flow)


@router.post("/flows/{id}/validate", responses=documented(404))
@with_key(body=2 * MIB)
async def validate_flow(
    request: Request, caller: CallerOf, id: Ref, body: OptionalFlow | None = None
) -> Validation:
    """Checks the flow in the body (then `id` may be any word), or the stored draft."""
    parts = parts_of(request)
    if body is not None and body.flow is not None:
        return await _validate(parts, body.flow)
    flow = await flows.find(parts.db, caller.workspace, id)
    version = flow and await flows.version(parts.db, caller.workspace, flow.id, flow.version)
    if version is None:
        raise not_found("flow")
    return await _validate(parts, version.document)


@router.post("/flows/{id}/publish", responses=documented(404, 409))
@with_key()
async def publish_flow(
    request: Request, caller: CallerOf, flow: FlowOf, body: VersionChoice | None = None
) -> FlowPublished:
    """Compiles a version and lets it run, with its trigger. Executions under way keep their version."""
    parts = parts_of(request)
    number = (body and body.version) or flow.version
    version = await flows.version(parts.db, caller.workspace, flow.id, number)
    if version is None:
        raise not_found("version")
    made, warnings = await runnable(parts, version)
    try:
        at = await flows.publish(parts.db, caller.workspace, flow.id, made)
    except Conflict as conflict:
        raise _taken(conflict.flow) from None
    return FlowPublished(
        id=flow.id,
        key=flow.key,
        version=number,
        status="published",
        digest=made.digest,
        published_at=at,
        warnings=warnings,
    )


async def _validate(parts: Parts, document: dict[str, Json]) -> Validation:
    result = await compiled(parts, document)
    return Validation(valid=not result.errors, errors=result.errors, warnings=result.warnings)


def _taken(flow: str) -> Problem:
    found = issue(
        "TRIGGER_CONFLICT", f"The published flow '{flow}' has the same trigger.", pointer="/trigger"
    )
    return Problem(409, found.code, found.message, details={"flow": flow, **issues_of([found])})
