"""Dead letters: what came and led to nothing, why, and another try for each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.dead_letter_shapes import DeadLetterPage, DeadLetterView, LetterRedriven
from api.errors import documented
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import Uuid
from api.once import IdempotencyKey
from api.paging import PagingOf, cut
from api.parts import parts_of
from api.redriving import redrive
from store import dead_letters

router = APIRouter(prefix="/api/v1", tags=["dead letters"], route_class=GuardedRoute)

Reason = Annotated[
    str | None,
    Query(pattern="^[A-Za-z_]{1,64}$", examples=["undelivered"], description="Only those that died of this."),
]
Include = Annotated[
    Literal["event"] | None, Query(description="`event`: also what came, the person's own words included.")
]


@router.get("/dead-letters")
@with_key()
async def list_dead_letters(
    request: Request,
    response: Response,
    caller: CallerOf,
    paging: PagingOf,
    reason: Reason = None,
    include: Include = None,
) -> DeadLetterPage:
    """Events that were stored and led to nothing, newest first."""
    rows = await dead_letters.page(
        parts_of(request).db,
        caller.workspace,
        paging.limit + 1,
        paging.place(),
        reason,
        events=include == "event",
    )
    page, cursor = cut(rows, paging.limit, lambda row: (row.accepted_at, row.id), request, response)
    return DeadLetterPage(items=[DeadLetterView.of(row) for row in page], next_cursor=cursor)


@router.post("/dead-letters/{id}/redrive", status_code=202, responses=documented(404, 409))
@with_key()
async def redrive_dead_letter(
    request: Request,
    response: Response,
    caller: CallerOf,
    id: Uuid,
    idempotency_key: IdempotencyKey = None,
) -> LetterRedriven:
    """Puts the event at the end of its conversation once more, as a new input; the old one stays as it is."""
    done = await redrive(parts_of(request).db, caller.workspace, id, idempotency_key)
    return done.onto(response)
