"""The ledger of effects: what is begun is written before the first byte leaves, what came of it after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from dsl.model import Json
from store.database import Database
from store.ids import new_id
from store.jsons import dumps

TRIES = 4
PROVIDER = "chatwoot"
"""The one whose ids `provider_ref` holds where none is named."""

State = Literal["attempting", "open", "done", "failed", "unknown", "abandoned", "orphaned"]


Key = tuple[str, int, int]
"""(node, visit, number): an effect's place in its execution, the same on every attempt."""


class Entry(NamedTuple):
    """An effect about to begin; `digest` is that of its rendered arguments."""

    node: str
    visit: int
    number: int
    kind: str
    digest: str


class LedgerRow(NamedTuple):
    """How an effect stands. `fresh`: this call may perform it, as attempt `attempt`, until `until`.

    `ghost`: a lost task had begun another effect under this key; its row is `orphaned` now.
    """

    node: str
    visit: int
    number: int
    state: State
    attempt: int
    until: datetime | None
    retry_at: datetime | None
    digest: str
    outcome: dict[str, Json] | None
    provider_ref: str | None
    fresh: bool
    ghost: bool


# `seen` is the snapshot: a row that another process inserts meanwhile makes the INSERT do nothing, and the
# entries are asked for again. Ghosts go first, for the index of live rows allows one.
BEGIN = """
WITH asked AS (
    SELECT * FROM unnest($3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::uuid[])
        WITH ORDINALITY AS a(node, visit, number, kind, digest, id, place)
), seen AS (
    SELECT e.*, a.place, e.digest = a.digest AS same
    FROM effects AS e JOIN asked AS a USING (node, visit, number)
    WHERE e.workspace_id = $1 AND e.execution_id = $2 AND e.state <> 'orphaned'
), ghosts AS (
    UPDATE effects AS e SET state = 'orphaned', updated_at = clock_timestamp()
    FROM seen WHERE e.workspace_id = $1 AND e.id = seen.id AND NOT seen.same AND e.state <> 'orphaned'
    RETURNING e.node, e.visit, e.number
), retaken AS (
    UPDATE effects AS e SET
        state = 'attempting', n = e.n + 1, retry_at = NULL, updated_at = clock_timestamp(),
        until = clock_timestamp() + make_interval(secs => $9::float8)
    FROM seen
    WHERE $10::boolean AND e.workspace_id = $1 AND e.id = seen.id AND seen.same AND e.state = 'open'
      AND coalesce(e.retry_at, '-infinity') <= clock_timestamp()
    RETURNING e.*, seen.place
), made AS (
    INSERT INTO effects
        (workspace_id, id, execution_id, node, visit, number, kind, state, n, until, digest)
    SELECT $1, a.id, $2, a.node, a.visit, a.number, a.kind, 'attempting', 1,
           clock_timestamp() + make_interval(secs => $9::float8), a.digest
    FROM asked AS a LEFT JOIN seen USING (place)
    WHERE seen.same IS NOT TRUE AND (SELECT count(*) FROM ghosts) >= 0
    ON CONFLICT (execution_id, node, visit, number) WHERE state <> 'orphaned' DO NOTHING
    RETURNING *
), now AS (
    SELECT made.*, a.place, true AS fresh, seen.id IS NOT NULL AS ghost
    FROM made JOIN asked AS a USING (id) LEFT JOIN seen ON seen.place = a.place
    UNION ALL
    SELECT retaken.*, true, EXISTS (
        SELECT FROM effects AS o WHERE o.workspace_id = $1 AND o.state = 'orphaned'
        AND (o.execution_id, o.node, o.visit, o.number) = ($2, retaken.node, retaken.visit, retaken.number)
    ) FROM retaken
    UNION ALL
    SELECT seen.workspace_id, seen.id, seen.execution_id, seen.node, seen.visit, seen.number, seen.kind,
           seen.state, seen.n, seen.until, seen.retry_at, seen.digest, seen.provider, seen.provider_ref,
           seen.after_id, seen.outcome, seen.created_at, seen.updated_at, seen.report,
           seen.place, false, false
    FROM seen WHERE seen.same AND seen.place NOT IN (SELECT place FROM retaken)
)
SELECT node, visit, number, state, n, until, retry_at, digest, outcome, provider_ref, fresh, ghost
FROM now ORDER BY place
"""


async def begin(
    db: Database,
    workspace: str,
    execution_id: str,
    entries: Sequence[Entry],
    lease_seconds: float,
) -> list[LedgerRow]:
    """Begin every effect without a row; give the row of each, in order, `fresh` where it was begun now."""
    return await _begin(db, workspace, execution_id, entries, lease_seconds, reopen=False)


async def take(
    db: Database,
    workspace: str,
    execution_id: str,
    entry: Entry,
    lease_seconds: float,
) -> LedgerRow:
    """Begin one effect, or the next attempt of one that is `open` and due; otherwise its row as it is."""
    return (await _begin(db, workspace, execution_id, [entry], lease_seconds, reopen=True))[0]


async def _begin(
    db: Database,
    workspace: str,
    execution_id: str,
    entries: Sequence[Entry],
    lease: float,
    *,
    reopen: bool,
) -> list[LedgerRow]:
    columns = [list(column) for column in zip(*entries, strict=True)] or [[] for _ in Entry._fields]
    for _ in range(TRIES):
        ids = [new_id() for _ in entries]
        rows = await db.fetch(BEGIN, workspace, execution_id, *columns, ids, lease, reopen)
        if len(rows) == len(entries):
            return [LedgerRow(*row) for row in rows]
        # Another process began one of them just now: its row is visible now, ours are begun anew.
        await db.execute(UNDO, workspace, execution_id, ids)
    raise RuntimeError("the ledger's rows keep changing hands")


UNDO = "DELETE FROM effects WHERE workspace_id = $1 AND execution_id = $2 AND id = ANY ($3::uuid[])"

SETTLE = """
UPDATE effects AS e SET state = $7, outcome = $8::jsonb, updated_at = clock_timestamp(),
    provider = $9, provider_ref = CASE WHEN EXISTS (
        SELECT FROM effects WHERE workspace_id = $1 AND provider = $9 AND provider_ref = $10
    ) THEN NULL ELSE $10 END,
    retry_at = CASE WHEN $7 = 'open' THEN clock_timestamp() + make_interval(secs => $11) END
WHERE e.workspace_id = $1 AND e.execution_id = $2 AND e.node = $3 AND e.visit = $4 AND e.number = $5
  AND e.state = 'attempting' AND e.n = $6
"""


async def settle(
    db: Database,
    workspace: str,
    execution_id: str,
    node: str,
    visit: int,
    number: int,
    attempt: int,
    *,
    state: State,
    outcome: dict[str, Json] | None,
    provider: str | None = None,
    provider_ref: str | None = None,
    retry_at_seconds: float | None = None,
) -> bool:
    """Write what came of an attempt; False where that attempt is no longer the running one.

    `retry_at_seconds` from now an `open` effect may be tried again. A `provider_ref` (`<connection>:<id>` of
    what was made at the provider) that another row of the workspace has already is left out.
    """
    done = await db.execute(
        SETTLE, workspace, execution_id, node, visit, number, attempt,
        state, None if outcome is None else dumps(outcome), provider or PROVIDER, provider_ref,
        retry_at_seconds or 0.0,
    )  # fmt: skip
    return bool(done)


FORGET = """
DELETE FROM effects AS e USING unnest($3::text[], $4::int[], $5::int[]) AS k(node, visit, number)
WHERE e.workspace_id = $1 AND e.execution_id = $2
  AND (e.node, e.visit, e.number) = (k.node, k.visit, k.number) AND e.state = 'attempting' AND e.n = 1
"""


async def forget(db: Database, workspace: str, execution_id: str, keys: Sequence[Key]) -> None:
    """Take back effects that were begun but whose call was never started."""
    columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
    await db.execute(FORGET, workspace, execution_id, *columns)


GET = """
SELECT node, visit, number, state, n, until, retry_at, digest, outcome, provider_ref, false, false
FROM effects WHERE workspace_id = $1 AND execution_id = $2 AND node = $3 AND visit = $4 AND number = $5
  AND state <> 'orphaned'
"""


async def get(db: Database, workspace: str, execution_id: str, key: Key) -> LedgerRow | None:
    """The live row of an effect."""
    found: Any = await db.fetchrow(GET, workspace, execution_id, *key)
    return LedgerRow(*found) if found else None


REFS = """
SELECT e.provider_ref FROM effects AS e
JOIN executions AS x ON x.workspace_id = e.workspace_id AND x.id = e.execution_id
WHERE e.workspace_id = $1 AND x.conversation_id = $2 AND e.provider_ref IS NOT NULL
ORDER BY e.updated_at DESC LIMIT 500
"""


async def refs(db: Database, workspace: str, conversation: str) -> list[str]:
    """The provider's ids of what was made in a conversation, newest first, at most 500."""
    return [row[0] for row in await db.fetch(REFS, workspace, conversation)]


# A provider's ids grow: what it had given out before the effect was begun is below that of what we made.
AFTER = """
SELECT max((i.event->>'messageId')::bigint)
FROM effects AS e JOIN inbound_events AS i
    ON i.workspace_id = $1 AND i.accepted_at < least(e.created_at, $7::timestamptz)
WHERE e.workspace_id = $1 AND e.execution_id = $2 AND (e.node, e.visit, e.number) = ($3, $4, $5)
  AND e.state <> 'orphaned' AND i.lane_id = $6
"""


async def after_id(
    db: Database, workspace: str, execution_id: str, key: Key, lane: str, *, before: datetime | None = None
) -> int | None:
    """The newest of the provider's messages on a lane that was known before an effect was begun.

    And `before` a moment, if there is one: what was taken in since may be younger than the effect.
    """
    found: int | None = await db.fetchval(AFTER, workspace, execution_id, *key, lane, before)
    return found


# As if a worker had died over them: each is looked into before it is tried again.
DOUBT = """
UPDATE effects SET state = 'attempting', until = clock_timestamp(), updated_at = clock_timestamp()
WHERE state = 'open' AND updated_at < $1
"""


async def doubt(db: Database, before: datetime) -> int:
    """Take no effect that stood open `before` a moment for one that was not done; how many there were."""
    return await db.execute(DOUBT, before)
