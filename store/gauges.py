"""How much there is of what an operator watches, in all workspaces together."""

from typing import NamedTuple

from store.database import Database

# The partial indexes of rows in these states keep this cheap, however many rows have come to their end.
BACKLOG = """
SELECT count(*) FILTER (WHERE state = 'received'), count(*) FILTER (WHERE state = 'handed'),
    coalesce(extract(epoch FROM clock_timestamp() - min(accepted_at) FILTER (WHERE state = 'received')), 0)
FROM inbound_events WHERE state = 'received' OR state = 'handed'
"""
DEAD = "SELECT count(*) FROM inbound_events WHERE state = 'dead'"
ACTIVE = "SELECT status, count(*) FROM executions WHERE completed_at IS NULL GROUP BY status"


class Gauges(NamedTuple):
    """Rows of the inbox that wait for the relay, the age of the oldest in seconds, and rows with a run.

    `active`: executions without an end, by status.
    """

    received: int
    handed: int
    oldest: float
    dead: int
    active: dict[str, int]


async def gauges(db: Database) -> Gauges:
    """As things are now."""
    received, handed, oldest = await db.fetchrow(BACKLOG)
    dead = await db.fetchval(DEAD)
    active = {row[0]: row[1] for row in await db.fetch(ACTIVE)}
    return Gauges(received, handed, float(oldest), dead, active)
