"""Redriving a dead letter: once for each idempotency key, whatever dies in between."""

from typing import NamedTuple

from api.dead_letter_shapes import LetterRedriven
from api.errors import Problem
from dsl.plan import digest_of
from store import dead_letters, idempotency
from store.database import Database
from store.dead_letters import AlreadyRedriven
from store.idempotency import Reserved
from store.ids import new_id
from store.refs import as_id


class Answer(NamedTuple):
    """What the caller is told; `replayed` when an earlier request with the key was told so."""

    letter: LetterRedriven
    replayed: bool


async def redrive(db: Database, workspace: str, ref: str, key: str | None) -> Answer:
    """Give a dead letter another row; 404 without one, 409 where it has another row already."""
    id = as_id(ref)
    if id is None:
        raise _not_found()
    if key is None:
        return Answer(await _redriven(db, workspace, id, new_id()), replayed=False)
    reserved = await _reserve(db, workspace, key, digest_of(["redrive", id]))
    if isinstance(reserved, Answer):
        return reserved
    try:
        letter = await _redriven(db, workspace, id, reserved)
    except Problem:
        async with db.begin() as connection:
            await idempotency.forget(connection, workspace, key)
        raise
    await idempotency.finish(db, workspace, key, 202, letter.model_dump(mode="json", by_alias=True))
    return Answer(letter, replayed=False)


async def _reserve(db: Database, workspace: str, key: str, digest: str) -> Answer | str:
    """The id of the new row: that of an earlier request with the key, if it died; or its answer."""
    async with db.begin() as connection:
        reserved = await idempotency.reserve(connection, workspace, key, digest, new_id())
    return reserved.execution_id if reserved.mine else _earlier(reserved, digest)


def _earlier(reserved: Reserved, digest: str) -> Answer:
    if reserved.digest != digest:
        raise Problem(422, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key came with another request before.")
    if reserved.answer is None:
        message = "A request with this Idempotency-Key is under way."
        raise Problem(409, "IDEMPOTENCY_KEY_IN_USE", message, headers={"Retry-After": "1"})
    return Answer(LetterRedriven.model_validate(reserved.answer), replayed=True)


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
