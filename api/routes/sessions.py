"""Sessions: a view on executions, with an end in time; what executions do not tell is not kept of them."""

from fastapi import APIRouter, Request, Response

from api import commands
from api.errors import documented, not_found
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import SessionOf
from api.once import IdempotencyKey
from api.paging import PagingOf, cut
from api.parts import Parts, parts_of
from api.session_shapes import SessionChange, SessionGiven, SessionPage, SessionView
from api.session_views import session_of
from api.starting import Order, start
from api.wanted import FlowId, Wanted, of_flow
from dsl.messages import ENDED, Control
from store import executions, flows, sessions

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"], route_class=GuardedRoute)


@router.post("", status_code=202, responses=documented(404, 409))
@with_key()
async def create_session(
    request: Request,
    response: Response,
    caller: CallerOf,
    body: SessionGiven,
    idempotency_key: IdempotencyKey = None,
) -> SessionView:
    """Begins a session: starts an execution of the flow, as `execute` does, with an end in time."""
    parts = parts_of(request)
    flow = await flows.find(parts.db, caller.workspace, body.flow_id)
    if flow is None:
        raise not_found("flow")
    done = await start(parts, Order(caller.workspace, flow, body, idempotency_key, body.ttl))
    started = done.onto(response)
    response.headers["Location"] = f"{router.prefix}/{started.execution_id}"
    return await _shown(parts, caller.workspace, started.execution_id)


@router.get("")
@with_key()
async def list_sessions(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    wanted: Wanted,
    flow_id: FlowId = None,
) -> SessionPage:
    """Sessions, newest first."""
    db, place = parts_of(request).db, paging.place()
    found = await of_flow(db, caller.workspace, wanted._replace(hidden=False), flow_id)
    rows = await executions.page(db, caller.workspace, paging.limit + 1, place, found) if found else []
    page, cursor = cut(rows, paging.limit, lambda row: (row.created_at, row.id), request, response)
    return SessionPage(items=[session_of(row) for row in page], next_cursor=cursor)


@router.get("/{id}", responses=documented(404))
@with_key()
async def get_session(session: SessionOf) -> SessionView:
    """Where a session stands, and until when it lasts."""
    return session_of(session)


@router.patch("/{id}", status_code=202, responses=documented(404, 409))
@with_key()
async def change_session(
    request: Request,
    caller: CallerOf,
    session: SessionOf,
    body: SessionChange,
    idempotency_key: IdempotencyKey = None,
) -> SessionView:
    """Sets variables of the flow at its next step, before it hears anything else; or the time it has left.

    What is answered is how it stood until then."""
    parts = parts_of(request)
    commands.require_running(session)
    if body.variables:
        control = Control(command="set", values=body.variables)
        await commands.command(parts, caller.workspace, session, control, idempotency_key)
    if body.ttl is not None:
        await sessions.extend(parts.db, caller.workspace, session.id, body.ttl)
    return await _shown(parts, caller.workspace, session.id)


@router.post("/{id}/end", status_code=202, responses=documented(404, 409))
@with_key()
async def end_session(request: Request, caller: CallerOf, session: SessionOf) -> SessionView:
    """Ends the session where it rests next: its execution is cancelled. Asking again is no error."""
    parts = parts_of(request)
    await commands.cancel(parts, caller.workspace, session)
    return await _shown(parts, caller.workspace, session.id)


@router.delete("/{id}", status_code=204, responses=documented(404, 409))
@with_key()
async def delete_session(request: Request, caller: CallerOf, session: SessionOf) -> None:
    """Ends the session if it still goes on, and shows it no more; the execution and its record stay."""
    parts = parts_of(request)
    if session.status not in ENDED:
        await commands.cancel(parts, caller.workspace, session)
    await sessions.hide(parts.db, caller.workspace, session.id)


async def _shown(parts: Parts, workspace: str, id: str) -> SessionView:
    """As it is on record now."""
    found = await executions.find(parts.db, workspace, id)
    if found is None:
        raise not_found("session")
    return session_of(found)
