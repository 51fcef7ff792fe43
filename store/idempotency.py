"""Idempotency keys: one key and body, one execution, for seven days."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.model import Json
from store.database import Database
from store.tables import idempotency_keys as keys
from store.workspaces import add, change, remove, rows

KEPT = timedelta(days=7)
CLAIMED = timedelta(seconds=30)
"""A request that has not ended by then has died; the next one with its key goes on in its place."""


class Reserved(NamedTuple):
    """Who holds a key: this request (`mine`), or one of that `digest`, `running` or with an `answer`.

    `status` is the HTTP status of the answer.
    """

    mine: bool
    digest: str
    execution_id: str
    running: bool
    answer: Json
    status: int | None = None


async def held(db: Database, workspace: str, key: str) -> Reserved | None:
    """The earlier request that holds a key; None for a free one."""
    async with db.connect() as connection:
        return await _held(connection, workspace, key)


async def reserve(
    connection: AsyncConnection, workspace: str, key: str, digest: str, execution_id: str
) -> Reserved:
    """Takes a key for a request (its digest) and fixes the execution id; one that died leaves its id."""
    made = add(
        keys,
        workspace,
        key=key,
        digest=digest,
        execution_id=execution_id,
        claimed_until=func.now() + CLAIMED,
    )
    died = and_(keys.c.answer.is_(None), keys.c.claimed_until <= func.now(), keys.c.digest == digest)
    taken = {
        "execution_id": case((died, keys.c.execution_id), else_=made.excluded.execution_id),
        "digest": digest,
        "claimed_until": made.excluded.claimed_until,
        "answer": None,
        "created_at": func.now(),
    }
    free = or_(died, keys.c.created_at <= func.now() - KEPT)
    made = made.on_conflict_do_update(index_elements=["workspace_id", "key"], set_=taken, where=free)
    mine: str | None = await connection.scalar(made.returning(keys.c.execution_id))
    if mine:
        return Reserved(True, digest, mine, True, None)
    other = await _held(connection, workspace, key)
    assert other, "the row that was in the way is locked by us"
    return other


async def finish(db: Database, workspace: str, key: str, status: int, answer: Json) -> None:
    """Keeps the answer, and its HTTP status, that every later request with the key gets."""
    done = {"status": status, "answer": answer, "claimed_until": None}
    async with db.begin() as connection:
        await connection.execute(change(keys, workspace).where(keys.c.key == key).values(done))


async def release(db: Database, workspace: str, key: str) -> None:
    """Lets the next request go on at once, with the same execution id: how this one ended is unknown."""
    running = (keys.c.key == key, keys.c.answer.is_(None))
    async with db.begin() as connection:
        await connection.execute(change(keys, workspace).where(*running).values(claimed_until=func.now()))


async def forget(connection: AsyncConnection, workspace: str, key: str) -> None:
    """Frees a key: nothing was started."""
    await connection.execute(remove(keys, workspace).where(keys.c.key == key))


async def _held(connection: AsyncConnection, workspace: str, key: str) -> Reserved | None:
    claimed = (keys.c.claimed_until > func.now()).label("claimed")
    query = rows(keys, workspace, keys, claimed).where(
        keys.c.key == key, keys.c.created_at > func.now() - KEPT
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Reserved(False, row.digest, row.execution_id, bool(row.claimed), row.answer, row.status)
