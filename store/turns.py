"""Turns of people on the line: the rows that lead to a screen, and the screen, which is written once."""

from typing import NamedTuple

from dsl.turns import Screen
from store.batches import UNCONFIRMED, Batch, batch_of, waiting
from store.database import Database
from store.jsons import dumps
from store.lanes import NEWEST, lane_columns
from store.pages import OUTDATED

ROWS, BYTES = 200, 1024 * 1024
"""Of one update: what a session may have left undelivered, and a deep dial."""


class Row(NamedTuple):
    """A turn's place in the inbox; its `screen` once there is one."""

    workspace: str
    id: str
    seq: int
    lane: str
    screen: Screen | None = None


FOUND = """
SELECT id, seq, lane_id, screen FROM inbound_events
WHERE workspace_id = $1 AND connection_id = $2 AND dedupe_key = $3
"""


async def find(db: Database, workspace: str, connection: str, key: str) -> Row | None:
    """The turn of a dedupe key."""
    row = await db.fetchrow(FOUND, workspace, connection, key)
    if row is None:
        return None
    return Row(workspace, row["id"], row["seq"], row["lane_id"], _screen(row["screen"]))


async def screen_of(db: Database, row: Row) -> Screen | None:
    """The turn's screen; None as long as there is none."""
    sql = "SELECT screen FROM inbound_events WHERE workspace_id = $1 AND id = $2"
    return _screen(await db.fetchval(sql, row.workspace, row.id))


PUT = """
UPDATE inbound_events SET screen = $3::jsonb WHERE workspace_id = $1 AND id = $2 AND screen IS NULL
"""


async def put_screen(db: Database, row: Row, screen: Screen) -> Screen:
    """The screen that the turn has now: this one, unless another was there first."""
    put = await db.execute(PUT, row.workspace, row.id, dumps(screen.model_dump(mode="json", by_alias=True)))
    return screen if put else await screen_of(db, row) or screen


BEFORE = (
    "state = 'received' AND seq <= $3",
    f"{UNCONFIRMED} AND seq < $3",
    "state <> 'received' AND seq = $3",
)
UNDELIVERED = f"""
SELECT {lane_columns("lane")}, {NEWEST} AS newest,
       e.id AS event_id, e.seq, e.accepted_at, e.event, e.size, false AS held, e.outdated
FROM lanes AS lane JOIN LATERAL (
    SELECT id, seq, accepted_at, event, size, {OUTDATED}
    FROM ({waiting(*BEFORE, limit="$4")}) AS e ORDER BY seq LIMIT $4
) AS e ON true
WHERE lane.workspace_id = $1 AND lane.id = $2 ORDER BY e.seq
"""  # noqa: S608 (the columns are ours)


async def undelivered(db: Database, row: Row) -> Batch | None:
    """The lane with all rows up to the turn's that no run has for good, and the turn's own in any case.

    `whole` where none follows. None where they are too many: they are delivered without it.
    """
    rows = await db.fetch(UNDELIVERED, row.workspace, row.lane, row.seq, ROWS + 1)
    batch = batch_of(rows, ROWS, BYTES)
    if batch is None or not batch.inputs or batch.inputs[-1].seq != row.seq:
        return None
    return batch._replace(whole=batch.lane.next_seq == row.seq + 1)


SAFE_TEXT = """
SELECT p.plan->'line'->>'safeText' FROM plans AS p WHERE p.digest = coalesce($3, (
    SELECT x.plan_digest FROM lanes AS l JOIN executions AS x ON x.workspace_id = $1 AND x.id = l.execution_id
    WHERE l.workspace_id = $1 AND l.id = $2))
"""


async def safe_text(db: Database, row: Row, plan: str | None) -> str | None:
    """What a flow says where no screen is there in time: of a plan's digest, else of the lane's run."""
    text: str | None = await db.fetchval(SAFE_TEXT, row.workspace, row.lane, plan)
    return text


def _screen(value: object) -> Screen | None:
    return Screen.model_validate(value) if value is not None else None
