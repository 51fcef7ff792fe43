"""How long rows of what came in are kept: as long as a provider may bring the same event again."""

from store.database import Database

ROWS = 1_000

# Ids begin with the time they were made at: by them the oldest rows are found without an index of their own.
OLD = """
id < rpad(lpad(to_hex((extract(epoch FROM now() - interval '30 days') * 1000)::bigint), 12, '0'),
          32, '0')::uuid
"""
EVENTS = f"""
DELETE FROM inbound_events WHERE id IN (
    SELECT id FROM inbound_events WHERE {OLD} AND state IN ('consumed', 'ignored') ORDER BY id LIMIT $1)
"""  # noqa: S608 (the condition is ours)
REPORTS = f"""
DELETE FROM reports WHERE id IN (
    SELECT id FROM reports WHERE {OLD} AND state = 'settled' ORDER BY id LIMIT $1)
"""  # noqa: S608 (the condition is ours)
SESSIONS = """
DELETE FROM line_sessions WHERE (workspace_id, connection, session) IN (
    SELECT workspace_id, connection, session FROM line_sessions
    WHERE updated_at < now() - interval '30 days' ORDER BY updated_at LIMIT $1)
"""


async def forget_settled(db: Database, limit: int = ROWS) -> int:
    """Delete up to so many of each that came to their end and are older than 30 days; dead letters stay."""
    return sum([await db.execute(statement, limit) for statement in (EVENTS, REPORTS, SESSIONS)])
