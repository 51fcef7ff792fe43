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
