"""How long rows of the inbox are kept: as long as a provider may bring the same event again."""

from store.database import Database

ROWS = 1_000

# Ids begin with the time they were made at: by them the oldest rows are found without an index of their own.
EXPIRED = """
DELETE FROM inbound_events WHERE id IN (
    SELECT id FROM inbound_events
    WHERE id < rpad(lpad(to_hex((extract(epoch FROM now() - interval '30 days') * 1000)::bigint), 12, '0'),
                    32, '0')::uuid
      AND state IN ('consumed', 'ignored')
    ORDER BY id LIMIT $1)
"""


async def forget_settled(db: Database, limit: int = ROWS) -> int:
    """Delete up to so many rows that came to their end and are older than 30 days; dead letters stay."""
    return await db.execute(EXPIRED, limit)
