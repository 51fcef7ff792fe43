"""Redriving a dead letter: once for each idempotency key, whatever dies in between."""

from api.dead_letter_shapes import LetterRedriven
from api.errors import Problem
from api.once import Done, once
from store import dead_letters
from store.database import Database
from store.dead_letters import AlreadyRedriven
from store.refs import as_id


async def redrive(db: Database, workspace: str, ref: str, key: str | None) -> Done[LetterRedriven]:
    """Give a dead letter another row; 404 without one, 409 where it has another row already."""
    id = as_id(ref)
    if id is None:
        raise _not_found()

    async def work(row: str) -> Done[LetterRedriven]:
        return Done(202, await _redriven(db, workspace, id, row))

    return await once(db, workspace, key, ["redrive", id], LetterRedriven, work)


async def _redriven(db: Database, workspace: str, id: str, row: str) -> LetterRedriven:
    try:
        made = await dead_letters.redrive(db, workspace, id, row)
    except AlreadyRedriven as already:
        details = {"inputId": already.id}
        message = "The dead letter was put into its conversation again already."
        raise Problem(409, "ALREADY_REDRIVEN", message, details=dict(details)) from None
    if made is None:
        raise _not_found()
    return LetterRedriven(dead_letter_id=id, input_id=made.id, seq=made.seq)


def _not_found() -> Problem:
    return Problem(404, "DEAD_LETTER_NOT_FOUND", "There is no such dead letter.")
