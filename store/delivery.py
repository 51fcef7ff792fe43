"""Delivery of a lane's rows: who may, which are next, what became of them. Nothing is locked meanwhile."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from dsl.inputs import Input
from dsl.messages import Owner
from store.batches import UNCONFIRMED, Batch, batch_of, waiting
from store.database import Database
from store.inbox import LEASE_SECONDS
from store.lanes import NEWEST, lane_columns
from store.pages import OUTDATED, PAGE_BYTES, PAGE_ROWS

LONGEST_BACK_OFF = 30.0
FIRST_BACK_OFF = 0.5
RESEND_AFTER = 60.0
CONFIRMED_WITHIN = 15
"""Seconds after which nobody waits any more for a turn whose rows are on record."""
SENDS = 6
"""The first, and five more with doubling delay."""

State = Literal["handed", "consumed", "ignored", "dead"]


class Mark(NamedTuple):
    """What became of a row."""

    seq: int
    state: State
    how: str | None = None


FREE = "(claimed_until IS NULL OR claimed_until < clock_timestamp())"

CLAIM = f"""
UPDATE lanes SET claimed_by = $3, claimed_until = clock_timestamp() + make_interval(secs => $4)
WHERE workspace_id = $1 AND id = $2 AND (claimed_by = $3 OR {FREE})
"""  # noqa: S608 (the condition is ours)


async def claim(db: Database, workspace: str, lane: str, seconds: float = LEASE_SECONDS) -> bool:
    """Take the lane for this process; False while another holds it or its last delivery failed just now."""
    return bool(await db.execute(CLAIM, workspace, lane, db.holder, seconds))


UNSENT = f"""
SELECT {lane_columns("lane")}, {NEWEST} AS newest,
       e.id AS event_id, e.seq, e.accepted_at, e.event, e.size, e.held, e.outdated
FROM lanes AS lane LEFT JOIN LATERAL (
    SELECT id, seq, accepted_at, event, size, {OUTDATED},
           state = 'received' AND coalesce(relay_after > clock_timestamp(), false) AS held
    FROM ({waiting("state = 'received'", UNCONFIRMED, limit="$3")}) AS e ORDER BY seq LIMIT $3
) AS e ON true
WHERE lane.workspace_id = $1 AND lane.id = $2 ORDER BY e.seq
"""  # noqa: S608 (the columns are ours)


async def unsent(
    db: Database,
    workspace: str,
    lane: str,
    limit: int = PAGE_ROWS,
    max_bytes: int = PAGE_BYTES,
) -> Batch | None:
    """The lane with its oldest unsent rows, a prefix: a row on hold holds those behind it.

    None where the lane does not exist.
    """
    return batch_of(await db.fetch(UNSENT, workspace, lane, limit + 1), limit, max_bytes)


# `next_seq` tells exactly whether a row came after the batch was read: adding one takes this lane's lock.
CONCLUDE = f"""
WITH lane AS (
    UPDATE lanes SET
        owner = coalesce($4, owner),
        execution_id = CASE WHEN $5::uuid IS NULL OR left_by = $5::uuid OR EXISTS (
            SELECT FROM executions WHERE workspace_id = $1 AND id = $5::uuid AND completed_at IS NOT NULL
        ) THEN execution_id ELSE $5::uuid END,
        started_seq = coalesce($6, started_seq),
        failures = 0,
        claimed_until = CASE WHEN claimed_by = $3 AND next_seq = $7 THEN NULL ELSE claimed_until END,
        claimed_by = CASE WHEN claimed_by = $3 AND next_seq = $7 THEN NULL ELSE claimed_by END
    WHERE workspace_id = $1 AND id = $2
    RETURNING claimed_by
), marked AS (
    UPDATE inbound_events AS e SET
        state = CASE state WHEN 'received' THEN m.fate ELSE state END,
        how = CASE state WHEN 'received' THEN m.told ELSE how END,
        sends = sends + (state = 'received' AND m.fate = 'handed')::int,
        handed_at = CASE WHEN 'consumed' IN (m.fate, state) OR m.fate = 'handed'
            THEN clock_timestamp() ELSE handed_at END,
        consumed_at = CASE WHEN state = 'received' AND m.fate <> 'handed'
            THEN clock_timestamp() ELSE consumed_at END
    FROM unnest($8::bigint[], $9::text[], $10::text[]) AS m(number, fate, told)
    WHERE e.workspace_id = $1 AND e.lane_id = $2 AND e.seq = m.number
      AND (state = 'received' OR {UNCONFIRMED}) AND (SELECT count(*) FROM lane) > 0
)
SELECT claimed_by IS DISTINCT FROM $3 AS done FROM lane
"""  # noqa: S608 (the condition is ours)


async def conclude(
    db: Database,
    batch: Batch,
    marks: Iterable[Mark],
    *,
    owner: Owner | None = None,
    started: Input | None = None,
    release: bool = True,
) -> bool:
    """Write what became of a batch's rows where they are still `received`, and who has the lane's floor.

    Of rows on record that were sent once more, only that they were.

    `started` is the row whose id a new run has. With `release` the lane is let go, unless more rows wait:
    then False is returned and the lane is still ours.
    """
    marks = list(marks)
    seen = batch.lane.next_seq if release and batch.whole else None
    done = await db.fetchval(
        CONCLUDE, batch.lane.workspace, batch.lane.id, db.holder,
        owner, started.id if started else None, started.seq if started else None, seen,
        [mark.seq for mark in marks], [mark.state for mark in marks], [mark.how for mark in marks],
    )  # fmt: skip
    return bool(done)


# In one order everywhere, or two processes wait for each other.
CONFIRM = """
UPDATE inbound_events AS e SET
    state = CASE e.state WHEN 'received' THEN 'handed' ELSE e.state END,
    sends = e.sends + (e.state = 'received')::int,
    handed_at = clock_timestamp()
FROM unnest($1::text[], $2::uuid[]) AS c(workspace_id, id)
WHERE e.workspace_id = c.workspace_id AND e.id = c.id AND e.handed_at IS NULL
"""


async def confirm(db: Database, rows: Iterable[tuple[str, str]]) -> None:
    """The runs have these rows (workspace, id) for good: they are in their histories."""
    workspaces, ids = zip(*sorted(set(rows), key=lambda row: row[1]), strict=True)
    await db.execute(CONFIRM, list(workspaces), list(ids))


BACK_OFF = """
UPDATE lanes SET failures = failures + 1, claimed_by = NULL,
    claimed_until = clock_timestamp() + make_interval(secs => least($5, $4 * power(2, least(failures, 20))))
WHERE workspace_id = $1 AND id = $2 AND claimed_by = $3
"""


async def back_off(
    db: Database,
    workspace: str,
    lane: str,
    *,
    first: float = FIRST_BACK_OFF,
    longest: float = LONGEST_BACK_OFF,
) -> None:
    """Let go of a lane whose delivery failed: nobody takes it for a while, longer each time."""
    await db.execute(BACK_OFF, workspace, lane, db.holder, first, longest)


# The relay serves every workspace: these two are the only statements that look across them.
TAKE_LEFT = f"""
UPDATE lanes SET claimed_by = $1, claimed_until = clock_timestamp() + make_interval(secs => $2)
FROM (
    SELECT lanes.id FROM lanes JOIN (
        (SELECT DISTINCT ON (lane_id) lane_id, relay_after, accepted_at
         FROM inbound_events WHERE state = 'received' ORDER BY lane_id, seq)
        UNION ALL
        SELECT lane_id, relay_after, accepted_at FROM inbound_events
        WHERE {UNCONFIRMED} AND consumed_at < clock_timestamp() - make_interval(secs => {CONFIRMED_WITHIN})
    ) AS oldest ON oldest.lane_id = lanes.id
    WHERE {FREE} AND (relay_after IS NULL OR relay_after <= clock_timestamp())
    ORDER BY oldest.accepted_at LIMIT $3 FOR UPDATE OF lanes SKIP LOCKED
) AS "left" WHERE lanes.id = "left".id
RETURNING lanes.workspace_id, lanes.id
"""  # noqa: S608 (the condition is ours)


async def take_left(db: Database, limit: int, seconds: float = LEASE_SECONDS) -> list[tuple[str, str]]:
    """Claim up to `limit` (workspace, lane) that have rows and nobody who delivers them, oldest first.

    Rows too whose turn nobody has seen come back for long: whoever waited for it is gone.
    """
    return [(row[0], row[1]) for row in await db.fetch(TAKE_LEFT, db.holder, seconds, limit)]


# One execution at most is active on a lane; `consumed_at` is when a row came to its end, whichever.
RESEND = """
UPDATE inbound_events AS e SET
    state = CASE WHEN e.sends >= $2 THEN 'dead' ELSE 'received' END,
    how = CASE WHEN e.sends >= $2 THEN 'undelivered' END,
    consumed_at = CASE WHEN e.sends >= $2 THEN clock_timestamp() END
WHERE e.state = 'handed' AND e.id IN (
    SELECT h.id FROM inbound_events AS h
    JOIN executions AS x ON x.workspace_id = h.workspace_id AND x.lane_id = h.lane_id
    WHERE h.state = 'handed'
      AND h.handed_at < clock_timestamp() - make_interval(secs => $1 * power(2, h.sends - 1))
      AND x.completed_at IS NULL AND x.status = 'waiting_input' AND x.last_seq < h.seq
    ORDER BY h.handed_at LIMIT $3)
RETURNING e.state, e.lane_id, e.seq
"""
RESEND_ROWS = 500


class Resent(NamedTuple):
    """Rows put back to be `sent` again, and (lane, seq) of those that were given up as dead."""

    sent: int
    dead: list[tuple[str, int]]


async def resend(db: Database, after: float = RESEND_AFTER) -> Resent:
    """Put rows back that a waiting run was sent but never saw; give up those sent often enough."""
    rows = await db.fetch(RESEND, after, SENDS, RESEND_ROWS)
    dead = [(row["lane_id"], row["seq"]) for row in rows if row["state"] == "dead"]
    return Resent(len(rows) - len(dead), dead)
