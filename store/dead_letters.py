"""Dead letters: rows of the inbox that came to nothing, and the second life of each."""

from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import UniqueViolationError

from dsl.model import Json
from store.database import Database
from store.ids import new_id
from store.inbox import stored
from store.jsons import dumps
from store.refs import Place

REDRIVEN = "redrive"


class DeadLetter(NamedTuple):
    """A row that came to nothing, for `reason`; `redriven_as` is the row that was put in its place.

    `address` is the conversation, `event` what came (None where it was not asked for).
    """

    id: str
    connection: str
    address: str
    seq: int
    reason: str | None
    accepted_at: datetime
    died_at: datetime | None
    sends: int
    redriven_as: str | None
    event: Json


class Redriven(NamedTuple):
    """The row that was put at the end of the lane in a dead one's place."""

    id: str
    seq: int
    lane: str


class AlreadyRedriven(Exception):
    """The letter has another row in its place: `id`."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.id = id


PAGE = """
SELECT e.id, e.connection_id, l.address, e.seq, e.how, e.accepted_at, e.consumed_at, e.sends, e.redriven_as,
       CASE WHEN $6::boolean THEN e.event END
FROM inbound_events AS e JOIN lanes AS l ON l.workspace_id = $1 AND l.id = e.lane_id
WHERE e.workspace_id = $1 AND e.state = 'dead' AND ($2::text IS NULL OR e.how = $2)
  AND ($3::timestamptz IS NULL OR (e.accepted_at, e.id) < ($3, $4::uuid))
ORDER BY e.accepted_at DESC, e.id DESC LIMIT $5
"""


async def page(
    db: Database, workspace: str, limit: int, after: Place | None, reason: str | None, *, events: bool
) -> list[DeadLetter]:
    """Dead letters, the newest first, after a place (when accepted, id); with what came where asked."""
    rows = await db.fetch(PAGE, workspace, reason, *(after or (None, None)), limit, events)
    return [DeadLetter(*row) for row in rows]


TOTALS = """
SELECT how, count(*) FROM inbound_events WHERE state = 'dead' AND redriven_as IS NULL GROUP BY how
"""


async def totals(db: Database) -> dict[str, int]:
    """How many dead letters of all workspaces nobody has looked after, by reason."""
    return {row[0] or "unknown": row[1] for row in await db.fetch(TOTALS)}


ONE = """
SELECT e.connection_id, e.dedupe_key, e.event, e.size, e.redriven_as, l.workflow_id, l.id AS lane,
    coalesce(e.event->>'address', l.address) AS address
FROM inbound_events AS e JOIN lanes AS l ON l.workspace_id = $1 AND l.id = e.lane_id
WHERE e.workspace_id = $1 AND e.id = $2 AND e.state = 'dead'
"""
SEQ = "SELECT seq FROM inbound_events WHERE workspace_id = $1 AND id = $2"
REPLACED = "UPDATE inbound_events SET redriven_as = $3 WHERE workspace_id = $1 AND id = $2"


async def redrive(db: Database, workspace: str, id: str, as_id: str) -> Redriven | None:
    """Put a dead letter at the end of its lane, as the row `as_id`; None where there is no such letter.

    Raises `AlreadyRedriven` where another row has its place; asked again for the same row it is a success.
    """
    try:
        return await _redrive(db, workspace, id, as_id)
    except UniqueViolationError:  # somebody else was faster, and has it written down by now
        return await _redrive(db, workspace, id, as_id)


async def _redrive(db: Database, workspace: str, id: str, as_id: str) -> Redriven | None:
    async with db.transaction() as connection:
        dead = await connection.fetchrow(ONE, workspace, id)
        if dead is None:
            return None
        if dead["redriven_as"] is None:
            # The lane first, then its row: locks are taken in one order everywhere.
            row = await stored(connection, _arguments(db, workspace, id, as_id, dead))
            if row["duplicate"]:
                raise AlreadyRedriven(row["id"])
            await connection.execute(REPLACED, workspace, id, as_id)
            return Redriven(as_id, row["seq"], row["lane_id"])
        if dead["redriven_as"] != as_id:
            raise AlreadyRedriven(dead["redriven_as"])
        return Redriven(as_id, await connection.fetchval(SEQ, workspace, as_id), dead["lane"])


def _arguments(db: Database, workspace: str, id: str, as_id: str, dead: Any) -> tuple[Any, ...]:
    """A new row for the old one's event, whether this release can read it or not; the lane is left free."""
    return (
        workspace, dead["connection_id"], _key(id, dead["dedupe_key"]), dead["address"],
        new_id(), dead["workflow_id"], None, False,
        0.0, db.holder, as_id, dumps(dead["event"]), dead["size"], 0.0,
    )  # fmt: skip


def _key(id: str, dedupe_key: str) -> str:
    """`redrive:{the row that came first}:{how often}`: one row for each time it died."""
    prefix, _, rest = dedupe_key.partition(":")
    root, _, times = rest.rpartition(":")
    if prefix == REDRIVEN and times.isdecimal():
        return f"{REDRIVEN}:{root}:{int(times) + 1}"
    return f"{REDRIVEN}:{id}:1"
