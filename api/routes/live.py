"""Live events of an execution: what it does, as it does it, by two kinds of stream."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response, WebSocket
from pydantic import ConfigDict

from api.errors import Problem, documented, not_found
from api.guard import Caller, CallerOf, GuardedRoute, with_key
from api.live.entry import guarded
from api.live.reading import LiveEvent, Reading
from api.live.stream import EventStream, serve
from api.parts import Parts, parts_of
from dsl.model import Message
from store import live, tickets
from store.live import Head, Mark

router = APIRouter(tags=["executions"], route_class=GuardedRoute)

Id = Annotated[str, Path(max_length=128)]
After = Annotated[
    int | None, Query(ge=0, le=2**31 - 1, description="`seq` of the last event known; 0: from the start.")
]
LastEventId = Annotated[
    str | None,
    Header(max_length=20, description="The same, as an EventSource says it when it comes again; it counts."),
]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Lines `id: <seq>` and `data: <LiveEvent>`; comments are heartbeats",
        "model": LiveEvent,
    },
    204: {"description": "It is over, and the caller knows all of it: an EventSource does not come again"},
}


class TicketIssued(Message):
    """For a browser's EventSource or WebSocket, as `?ticket=`: good for one opening, for a minute."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ticket": "Zm9…", "expiresAt": "2026-01-17T09:31:00Z"}]}
    )

    ticket: str
    expires_at: datetime


@router.get(
    "/api/v1/executions/{id}/events",
    status_code=200,
    response_class=EventStream,
    responses=documented(404) | STREAM,
)
@with_key(ticket=True)
async def follow_execution(
    request: Request, caller: CallerOf, id: Id, after: After = None, last_event_id: LastEventId = None
) -> Response:
    """The execution's events from the first, or after the last one known, each once it is on record.

    Ends after the event that names the end. A reader that is too slow is cut off, and may resume.
    """
    parts = parts_of(request)
    known = _known(after, last_event_id)
    head = await _head(parts, caller, id, known)
    if head.over and known >= head.seq:
        return Response(status_code=204)
    return EventStream(_reading(parts, caller, head, known))


@router.post("/api/v1/executions/{id}/events/ticket", status_code=201, responses=documented(404))
@with_key()
async def issue_ticket(request: Request, caller: CallerOf, id: Id) -> TicketIssued:
    """A ticket for who cannot send the key: pages in a browser."""
    parts = parts_of(request)
    head = await live.head(parts.db, caller.workspace, id)
    if head is None:
        raise not_found("execution")
    ticket = await tickets.issue(parts.db, caller.workspace, head.execution_id)
    return TicketIssued(ticket=ticket.secret, expires_at=ticket.expires_at)


@router.websocket("/ws/execution/{id}")
@guarded
async def follow_by_websocket(websocket: WebSocket, caller: Caller) -> None:
    """The same events, one in each message. Closes with 1000 after the last, with 1013 where to resume."""
    parts, known = parts_of(websocket), _known(None, websocket.query_params.get("after"))
    head = await _head(parts, caller, websocket.path_params["id"], known)
    await serve(websocket, _reading(parts, caller, head, known))


def _known(after: int | None, last: str | None) -> int:
    """The newest of both: an EventSource comes again with the address it had at first."""
    if last is not None and not (last.isascii() and last.isdecimal() and len(last) < 10):
        raise Problem(422, "INVALID_CURSOR", "The number of the last event known is a whole number.")
    return max(after or 0, int(last or 0))


async def _head(parts: Parts, caller: Caller, id: str, known: int) -> Head:
    """Where the events end; 404 without the execution, 422 for who knows more, 503 where nobody may join."""
    head = await live.head(parts.db, caller.workspace, id)
    if head is None:
        raise not_found("execution")
    if known > head.seq:
        raise Problem(422, "INVALID_CURSOR", f"There are {head.seq} events so far.")
    if parts.live.is_full:
        message = "There are as many readers as we take."
        raise Problem(503, "TOO_MANY_READERS", message, headers={"Retry-After": "5"})
    return head


def _reading(parts: Parts, caller: Caller, head: Head, known: int) -> Reading:
    return Reading(parts.live, Mark(caller.workspace, head.execution_id, known), head.seq)
