"""Rows are kept as long as their event may be brought again."""

import pytest

from store.database import Database
from store.retention import forget_settled
from tests.store.made import accepted, fates, message

pytestmark = pytest.mark.real

AGED = """
UPDATE inbound_events SET state = $2, id = (
    rpad(lpad(to_hex((extract(epoch FROM now() - make_interval(days => $3)) * 1000)::bigint), 12, '0'),
         31, '7') || $1::text)::uuid
WHERE seq = $1
"""


async def test_what_came_to_its_end_is_forgotten_after_thirty_days_and_nothing_else(db: Database) -> None:
    rows = [
        ("consumed", 31),
        ("ignored", 31),
        ("dead", 31),
        ("received", 31),
        ("handed", 31),
        ("consumed", 29),
    ]
    for seq, (state, days) in enumerate(rows, start=1):
        await accepted(db, message(str(seq)))
        await db.execute(AGED, seq, state, days)
    assert [await forget_settled(db, 1) for _ in range(3)] == [1, 1, 0]
    assert [state for _, state, _ in await fates(db)] == ["dead", "received", "handed", "consumed"]


REPORT = """
INSERT INTO reports (workspace_id, id, connection, dedupe_key, kind, ref, report, state)
SELECT 'acme', (rpad(lpad(to_hex((extract(epoch FROM now() - make_interval(days => $2)) * 1000)::bigint), 12,
    '0'), 31, '7') || $1::int)::uuid, 'at', $1::int::text, 'delivery', 'x', '{}', $3
"""
SESSION = """
INSERT INTO line_sessions (workspace_id, connection, session, surface, phone, service, updated_at)
SELECT 'acme', 'at', $1::int::text, 'ussd', 'hash', '*384*1#', now() - make_interval(days => $2)
"""


async def test_reports_and_sessions_are_forgotten_after_thirty_days(db: Database) -> None:
    for number, (days, state) in enumerate([(31, "settled"), (31, "received"), (29, "settled")]):
        await db.execute(REPORT, number, days, state)
        await db.execute(SESSION, number, days)
    assert [await forget_settled(db, 1) for _ in range(3)] == [2, 1, 0]
    left = await db.fetch("SELECT dedupe_key FROM reports ORDER BY dedupe_key")
    assert [row[0] for row in left] == ["1", "2"]
    assert await db.fetchval("SELECT session FROM line_sessions") == "2"
