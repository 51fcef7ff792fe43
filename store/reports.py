"""What providers tell of effects afterwards: kept until the effect is found that it is about."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from dsl.model import Json
from store.database import Database
from store.ids import new_id
from store.jsons import dumps

Kind = Literal["delivery", "airtime", "payment"]
How = Literal["applied", "superseded", "late", "refused", "unknown_effect"]
"""`superseded`: an earlier report had the last word; `late`: nobody waits for it any more; `refused`: the
provider, asked, said otherwise; `unknown_effect`: nothing of ours in ten minutes."""

LEASE_SECONDS = 5.0
"""Whoever took a report up has so long before another does."""
KEPT_SECONDS = 600.0
"""How long an effect of ours may take to appear."""
ASKED_SECONDS = 86_400.0
"""How long the provider may take to say whether money moved."""
SLOWEST_SECONDS = 60.0
MOST_AHEAD = 16
"""More than a provider has statuses for: each is kept once."""
OURS_TRIES, OURS_PAUSE = 20, 0.1


class Kept(NamedTuple):
    """A report: `ref` is the provider's id of what it is about."""

    workspace: str
    id: str
    connection: str
    kind: Kind
    ref: str
    report: dict[str, Json]
    accepted_at: datetime
    """Which telling of it this is: the same may be told again."""


COLUMNS = "workspace_id, id, connection, kind, ref, report, accepted_at"

# What was believed is over; what was refused, or about nothing, may be true when it is told again.
ACCEPT = f"""
INSERT INTO reports AS r (workspace_id, id, connection, dedupe_key, kind, ref, report, retry_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, now() + make_interval(secs => $8))
ON CONFLICT (workspace_id, connection, dedupe_key) DO UPDATE SET
    state = 'received', how = NULL, settled_at = NULL, report = excluded.report,
    accepted_at = clock_timestamp(), retry_at = excluded.retry_at
WHERE r.state = 'received' OR r.how IN ('refused', 'unknown_effect')
RETURNING {COLUMNS}
"""  # noqa: S608 (the columns are ours)


async def accept(
    db: Database,
    workspace: str,
    connection: str,
    key: str,
    kind: Kind,
    ref: str,
    report: dict[str, Json],
) -> Kept | None:
    """Keep a report, ours to route for `LEASE_SECONDS`; None where it was told and believed before."""
    args = (workspace, new_id(), connection, key, kind, ref, dumps(report), LEASE_SECONDS)
    row = await db.fetchrow(ACCEPT, *args)
    return Kept(*row) if row else None


# The relay serves every workspace: this statement looks across them.
TAKE = f"""
UPDATE reports SET retry_at = clock_timestamp() + make_interval(secs => $1) WHERE id IN (
    SELECT id FROM reports WHERE state = 'received' AND retry_at <= clock_timestamp()
    ORDER BY retry_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}
"""  # noqa: S608 (the columns are ours)


async def due(db: Database, limit: int) -> list[Kept]:
    """Up to so many reports that nobody is routing, oldest first; ours for `LEASE_SECONDS`."""
    return [Kept(*row) for row in await db.fetch(TAKE, LEASE_SECONDS, limit)]


AHEAD = f"""
SELECT {COLUMNS} FROM reports
WHERE workspace_id = $1 AND connection = $2 AND ref = $3 AND state = 'received' AND accepted_at < $4
ORDER BY accepted_at LIMIT $5
"""  # noqa: S608 (the columns are ours)


async def ahead(db: Database, kept: Kept) -> list[Kept]:
    """Reports about the same that came before and are not settled, the first of them first."""
    args = (kept.workspace, kept.connection, kept.ref, kept.accepted_at, MOST_AHEAD)
    return [Kept(*row) for row in await db.fetch(AHEAD, *args)]


SETTLE = """
UPDATE reports SET state = 'settled', how = $4, settled_at = clock_timestamp()
WHERE workspace_id = $1 AND id = $2 AND accepted_at = $3 AND state = 'received'
"""


async def settle(db: Database, kept: Kept, how: How) -> bool:
    """The report is over; False where it was told anew meanwhile, or another process was faster."""
    return bool(await db.execute(SETTLE, kept.workspace, kept.id, kept.accepted_at, how))


# Each time as long as it is old already: half a second, one, two, …
PUT_OFF = """
UPDATE reports SET retry_at = clock_timestamp() + greatest(
    interval '0.5 s', least(make_interval(secs => $4), clock_timestamp() - accepted_at))
WHERE workspace_id = $1 AND id = $2 AND accepted_at = $3 AND state = 'received'
RETURNING clock_timestamp() - accepted_at > make_interval(secs => $5)
"""


async def put_off(db: Database, kept: Kept, seconds: float) -> bool:
    """Try again after a while; True where it was tried for so many seconds."""
    args = (kept.workspace, kept.id, kept.accepted_at, SLOWEST_SECONDS, seconds)
    return bool(await db.fetchval(PUT_OFF, *args))


class Subject(NamedTuple):
    """The effect that a report is about, and the lane of its execution."""

    id: str
    execution_id: str
    node: str
    visit: int
    number: int
    kind: str
    awaited: bool
    amount: str | None
    """What was asked for, where it is about money; in the `currency`."""
    currency: str | None
    report: dict[str, Json] | None
    """What was reported of it before."""
    connection: str | None
    address: str | None
    lane: str | None
    """None until its execution is on record."""
    over: bool
    """Whether its execution has ended."""
    left_by: str | None
    """The exit by which its node was left, if it was."""


# An execution of which nothing is recorded yet has the id of the row that started it.
SUBJECT = """
SELECT e.id, e.execution_id, e.node, e.visit, e.number, e.kind,
       coalesce(e.outcome->'value'->'awaited' = 'true'::jsonb, false),
       e.outcome->'value'->>'amount', e.outcome->'value'->>'currency', e.report,
       l.connection, l.address, l.id,
       coalesce(x.completed_at IS NOT NULL, false),
       (SELECT coalesce(h.exit, '') FROM execution_history AS h
        WHERE h.workspace_id = $1 AND h.execution_id = e.execution_id
          AND (h.node_id, h.visit, h.phase) = (e.node, e.visit, 'done') LIMIT 1)
FROM effects AS e
LEFT JOIN executions AS x ON x.workspace_id = $1 AND x.id = e.execution_id
LEFT JOIN lanes AS l ON l.workspace_id = $1
  AND l.id = coalesce(x.lane_id, (SELECT i.lane_id FROM inbound_events AS i
      WHERE i.workspace_id = $1 AND i.id = e.execution_id))
WHERE e.workspace_id = $1 AND e.provider = $2 AND e.provider_ref = $3
"""


async def subject(db: Database, workspace: str, provider: str, ref: str) -> Subject | None:
    """The effect that the provider knows under an id."""
    row = await db.fetchrow(SUBJECT, workspace, provider, ref)
    return Subject(*row) if row else None


IS_OURS = (
    "SELECT EXISTS (SELECT FROM effects WHERE workspace_id = $1 AND provider = $2 AND provider_ref = $3)"
)


async def is_ours(db: Database, workspace: str, provider: str, ref: str) -> bool:
    """Whether an effect of ours is known by the provider under that id.

    Waits a little for it: the question may be faster than the answer to our own request.
    """
    for _ in range(OURS_TRIES):
        if await db.fetchval(IS_OURS, workspace, provider, ref):
            return True
        await asyncio.sleep(OURS_PAUSE)
    return False


WRITE = """
UPDATE effects SET report = $4::jsonb
WHERE workspace_id = $1 AND id = $2 AND report IS NOT DISTINCT FROM $3::jsonb
"""


async def write(db: Database, workspace: str, seen: Subject, report: dict[str, Json]) -> bool:
    """Note on the effect what is reported of it; False where another process has noted something else."""
    before = None if seen.report is None else dumps(seen.report)
    return bool(await db.execute(WRITE, workspace, seen.id, before, dumps(report)))


COUNTED = "SELECT state, how, count(*) FROM reports WHERE workspace_id = $1 GROUP BY state, how"


async def counted(db: Database, workspace: str) -> dict[tuple[str, str | None], int]:
    """How many reports of a workspace stand how."""
    rows: Sequence[Any] = await db.fetch(COUNTED, workspace)
    return {(state, how): count for state, how, count in rows}
