"""Lanes: one conversation of one contact on one connection, and who has its floor."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from asyncpg import UniqueViolationError

from dsl.messages import Owner
from store.database import Database
from store.ids import new_id

COLUMNS = (
    "workspace_id, id, connection, address, workflow_id, owner, execution_id, next_seq, started_seq,"
    " inbox_id, with_bot"
)


def lane_columns(table: str) -> str:
    """The columns of a `Lane`, in order, of a table by the name it has in a statement."""
    return ", ".join(f"{table}.{column}" for column in COLUMNS.split(", "))


class Lane(NamedTuple):
    """A lane. `execution_id`: the run on it, as far as known; `started_seq`: the row that began the newest.

    `with_bot`: its inbox gives conversations to a bot first (one was seen pending).
    """

    workspace: str
    id: str
    connection: str
    address: str
    workflow_id: str
    owner: Owner
    execution_id: str | None
    next_seq: int
    started_seq: int | None
    inbox_id: int | None
    with_bot: bool

    @property
    def is_conversation(self) -> bool:
        """Whether it is a provider's conversation; else it belongs to one execution, whose id names it."""
        return self.workflow_id == f"{self.workspace}/{self.connection}/{self.address}"


class Newest(NamedTuple):
    """The newest execution of a lane. `active`: no end is recorded; `starting`: nobody saw it run yet."""

    id: str
    status: str
    last_seq: int
    active: bool
    starting: bool

    @classmethod
    def of(cls, found: Sequence[Any] | None) -> Self | None:
        """What `NEWEST` gives."""
        return cls(*found) if found is not None else None


# A start that nobody has heard of for a minute has failed: its row must not stop the lane.
NEWEST = """(
    SELECT jsonb_build_array(x.id, x.status, x.last_seq, x.completed_at IS NULL
            AND (x.epoch_at IS NOT NULL OR x.created_at > now() - interval '60 s'), x.epoch_at IS NULL)
    FROM executions AS x
    WHERE lane.execution_id IS NULL AND x.workspace_id = lane.workspace_id AND x.lane_id = lane.id
    ORDER BY x.created_at DESC, x.id DESC LIMIT 1)"""
"""The newest execution of the lane `lane`, ended or not, where no run is known to be on it."""


LANE = f"SELECT {COLUMNS} FROM lanes WHERE workspace_id = $1 AND id = $2"  # noqa: S608 (the columns are ours)

OPEN = f"""
WITH place AS (
    SELECT lane_id FROM lane_addresses WHERE workspace_id = $1 AND connection = $2 AND address = $3
), made AS (
    INSERT INTO lanes (workspace_id, id, connection, address, workflow_id)
    SELECT $1, $4::uuid, $2, $3, $5 WHERE NOT EXISTS (SELECT FROM place)
    RETURNING {COLUMNS}
), addressed AS (
    INSERT INTO lane_addresses (workspace_id, connection, address, lane_id) SELECT $1, $2, $3, id FROM made
)
SELECT {COLUMNS} FROM lanes WHERE workspace_id = $1 AND id = (SELECT lane_id FROM place)
UNION ALL SELECT {COLUMNS} FROM made
"""  # noqa: S608 (the columns are ours)

# A start is noted while its run may be coming to its end: the end is in `left_by`, on the row that both lock,
# where a statement that began before sees it too.
OCCUPY = """
UPDATE lanes SET execution_id = $3, started_seq = next_seq - 1
WHERE workspace_id = $1 AND id = $2 AND left_by IS DISTINCT FROM $3::uuid
  AND NOT EXISTS (SELECT FROM executions WHERE workspace_id = $1 AND id = $3 AND completed_at IS NOT NULL)
"""

# What the run has seen is over; what it never saw is delivered again; nobody goes on with its effects.
VACATE = """
WITH ended AS (
    UPDATE executions SET status = 'terminated', completion_reason = 'NOT_FOUND', waiting = NULL,
        completed_at = clock_timestamp(), updated_at = clock_timestamp()
    WHERE workspace_id = $1 AND id = $3 AND completed_at IS NULL
    RETURNING id
), left_over AS (
    UPDATE effects SET updated_at = clock_timestamp(),
        state = CASE state WHEN 'open' THEN 'abandoned' ELSE 'unknown' END
    WHERE workspace_id = $1 AND execution_id IN (SELECT id FROM ended) AND state IN ('attempting', 'open')
), freed AS (
    UPDATE lanes SET execution_id = NULLIF(execution_id, $3::uuid), left_by = $3::uuid
    WHERE workspace_id = $1 AND id = $2 AND $3::uuid IS NOT NULL AND (SELECT count(*) FROM ended) >= 0
), reached AS (
    SELECT coalesce(max(last_seq), 0) AS seq FROM executions WHERE workspace_id = $1 AND lane_id = $2
)
UPDATE inbound_events AS e SET
    state = CASE WHEN e.seq <= reached.seq THEN 'consumed' ELSE 'received' END,
    how = CASE WHEN e.seq <= reached.seq THEN 'unread_at_end' END,
    consumed_at = CASE WHEN e.seq <= reached.seq THEN clock_timestamp() END
FROM reached
WHERE e.workspace_id = $1 AND e.lane_id = $2
  AND (e.state = 'handed' OR e.state = 'received' AND e.seq <= reached.seq)
"""


async def lane_of(db: Database, workspace: str, id: str) -> Lane | None:
    """The lane of that id."""
    found = await db.fetchrow(LANE, workspace, id)
    return Lane(*found) if found else None


async def open_lane(
    db: Database, workspace: str, connection: str, address: str, *, workflow_id: str | None = None
) -> Lane:
    """The lane at an address, made if there is none; by default for `workspace/connection/address`."""
    named = workflow_id or f"{workspace}/{connection}/{address}"
    arguments = (workspace, connection, address, new_id(), named)
    try:
        found = await db.fetchrow(OPEN, *arguments)
    except UniqueViolationError:  # another process has just made it
        found = await db.fetchrow(OPEN, *arguments)
    return Lane(*found)


async def occupy(db: Database, workspace: str, id: str, execution_id: str) -> None:
    """A run was started on the lane; one that has already ended leaves no trace."""
    await db.execute(OCCUPY, workspace, id, execution_id)


async def vacate(db: Database, workspace: str, lane: str | None, execution_id: str | None) -> None:
    """A run is known to be closed: settle its execution, free its lane, sort what it was handed.

    `execution_id` is None where only the rows are left.
    """
    await db.execute(VACATE, workspace, lane, execution_id)


SURFACE = """
SELECT event->'conversation'->>'channel' FROM inbound_events
WHERE workspace_id = $1 AND lane_id = $2 AND event->'conversation'->>'channel' IS NOT NULL
ORDER BY seq DESC LIMIT 1
"""


async def surface_of(db: Database, lane: Lane) -> str | None:
    """Where people see the conversation, in the provider's words, as its newest event told."""
    surface: str | None = await db.fetchval(SURFACE, lane.workspace, lane.id)
    return surface


RESOLVED = """
SELECT EXISTS (
    SELECT FROM inbound_events WHERE workspace_id = $1 AND lane_id = $2 AND seq > $3
      AND (state = 'consumed' OR how = 'echo')
      AND event->>'kind' = 'status' AND event->'value'->>'status' = 'resolved')
"""


async def resolved_since(db: Database, lane: Lane) -> bool:
    """Whether the conversation was resolved, by people or by us, after the newest run on the lane began."""
    return bool(await db.fetchval(RESOLVED, lane.workspace, lane.id, lane.started_seq or 0))


# The provider tells us of a change before our own call for it has returned, and of the first effects of a run
# before the execution has a row: the lane knows it by then.
ECHO = """
SELECT coalesce(bool_or(e.state = 'done' AND e.outcome->'value'->>'status' = $3), false),
       coalesce(bool_or(e.state = 'attempting' AND e.until > now()), false)
FROM effects AS e
WHERE e.workspace_id = $1 AND e.updated_at > now() - interval '60 s' AND e.execution_id IN (
    SELECT id FROM executions WHERE workspace_id = $1 AND lane_id = $2
    UNION SELECT execution_id FROM lanes WHERE workspace_id = $1 AND id = $2)
"""


async def is_echo(db: Database, lane: Lane, status: str) -> bool | None:
    """Whether we gave the conversation that status ourselves within the last minute.

    None while that cannot be told: an effect of ours is in the air.
    """
    ours, in_the_air = await db.fetchrow(ECHO, lane.workspace, lane.id, status)
    return True if ours else None if in_the_air else False
