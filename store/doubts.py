"""Executions of which nothing was heard for so long that Temporal should be asked."""

from typing import NamedTuple

from store.database import Database

LOCK = 7_236_541_002
LOOKS_A_MINUTE = 50


class Doubtful(NamedTuple):
    """An execution without an end; its lane, if it has one."""

    workspace: str
    id: str
    lane: str | None
    workflow_id: str


# Whoever gets the lock sweeps; what others have looked at within the minute counts against the bound.
DOUBTFUL = """
UPDATE executions SET checked_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM executions
    WHERE completed_at IS NULL AND greatest(updated_at, checked_at) < now() - CASE
        WHEN status IN ('starting', 'running') THEN interval '5 min'
        WHEN (waiting->>'deadline')::timestamptz < now() - interval '5 min' THEN interval '5 min'
        ELSE interval '1 day' END
    ORDER BY greatest(updated_at, checked_at)
    LIMIT greatest(0, $2 - (
        SELECT count(*) FROM executions WHERE completed_at IS NULL AND checked_at > now() - interval '1 min'))
) AND (SELECT pg_try_advisory_xact_lock($1))
RETURNING workspace_id, id, lane_id, workflow_id
"""


async def doubtful(db: Database, limit: int = LOOKS_A_MINUTE) -> list[Doubtful]:
    """Up to so many a minute, in all processes together.

    Running ones silent for 5 minutes, waiting ones 5 minutes past their deadline, any other once a day.
    """
    return [Doubtful(*row) for row in await db.fetch(DOUBTFUL, LOCK, limit)]


class Stray(NamedTuple):
    """A lane with rows that were handed to a run of which there is no record, or none any more."""

    workspace: str
    lane: str
    workflow_id: str
    execution_id: str | None


STRAYS = """
SELECT l.workspace_id, l.id, l.workflow_id, l.execution_id
FROM (
    SELECT lane_id, min(handed_at) AS since FROM inbound_events WHERE state = 'handed' GROUP BY lane_id
) AS handed JOIN lanes AS l ON l.id = handed.lane_id
WHERE handed.since < now() - interval '5 min' AND pg_try_advisory_xact_lock($1) AND NOT EXISTS (
    SELECT FROM executions WHERE workspace_id = l.workspace_id AND lane_id = l.id AND completed_at IS NULL)
ORDER BY handed.since LIMIT $2
"""


async def strays(db: Database, limit: int) -> list[Stray]:
    """Lanes whose rows were handed over 5 minutes ago and have nobody any more to consume them."""
    return [Stray(*row) for row in await db.fetch(STRAYS, LOCK, limit)]
