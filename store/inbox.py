"""The inbox: what was accepted, in the order of its lane, before anybody is told that it was."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from asyncpg import UniqueViolationError

from dsl.inputs import Inbound
from dsl.messages import ClosedWait, CloseWait
from store.addresses import LED
from store.batches import UNCONFIRMED, Batch, alone, waiting
from store.database import Database
from store.ids import new_id
from store.jsons import dumps, loads
from store.lanes import COLUMNS, NEWEST
from store.line_sessions import STEPPED_TOO, Step
from store.pages import OUTDATED, PAGE_BYTES, PAGE_ROWS, page

NOTICE = "inbox"
"""Channel on which a row is announced that its acceptor did not claim; the payload is the lane's id."""
LEASE_SECONDS = 12.0
"""For how long a claim keeps others from a lane; so long a conversation is silent whose deliverer died."""
LONGEST_HOLD = 6.0
"""Seconds that a row may keep the relay from its lane: a synchronous turn's cap, and two."""
TRIES = 8
LAG_SECONDS = 30.0
"""How far PostgreSQL's clock may be behind a deadline that has passed elsewhere."""


class Accepted(NamedTuple):
    """Where an event went. `duplicate`: it was here before; `claimed`: its lane is ours to deliver.

    `batch`: what the lane has to deliver, where that is known to be this event alone.
    """

    id: str
    seq: int
    lane: str
    accepted_at: datetime
    duplicate: bool
    claimed: bool
    batch: Batch | None = None


class ClockBehind(Exception):
    """PostgreSQL's clock stays far behind the deadline that was asked for."""


# The UPDATE locks the lane's row, so `seq` is commit order and the clock is read under that lock. A copy that
# runs at the same moment fails on a unique key, which takes its `seq` back; the second try finds the row.
# Nothing is stored, and so nothing returned, where the address was led elsewhere since it was looked up.
# What else the lane has to deliver is only seen as it was before the lock: `calm` tells that nothing was
# accepted in between, and no run came or went. A status is judged by those before it: it is never `alone`.
_STORED = f"""
WITH known AS (
    SELECT id, seq, lane_id, accepted_at FROM inbound_events
    WHERE workspace_id = $1 AND connection_id = $2 AND dedupe_key = $3
), place AS (
    SELECT home.id AS home, home.points_for, home.next_seq AS was_next, home.execution_id AS was_held,
           CASE WHEN {LED} THEN home.points_to ELSE home.id END AS lane_id
    FROM lane_addresses AS a JOIN lanes AS home ON home.workspace_id = $1 AND home.id = a.lane_id
    WHERE a.workspace_id = $1 AND a.connection = $2 AND a.address = $4 AND NOT EXISTS (SELECT FROM known)
), made AS (
    INSERT INTO lanes (workspace_id, id, connection, address, workflow_id, inbox_id, with_bot, bot_first,
                       next_seq, last_accepted_at, claimed_until, claimed_by)
    SELECT $1, $5::uuid, $2, $4, $6, $7::int,
           $8::boolean OR EXISTS (SELECT FROM lanes
               WHERE workspace_id = $1 AND connection = $2 AND inbox_id = $7::int AND bot_first),
           $8::boolean, 2, clock_timestamp(),
           CASE WHEN $9::float8 > 0 THEN statement_timestamp() + make_interval(secs => $9::float8) END,
           CASE WHEN $9::float8 > 0 THEN $10::uuid END
    WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM place)
    RETURNING {COLUMNS}, last_accepted_at, claimed_until, claimed_by, true AS calm
), addressed AS (
    INSERT INTO lane_addresses (workspace_id, connection, address, lane_id) SELECT $1, $2, $4, id FROM made
), moved AS (
    UPDATE lanes SET
        next_seq = next_seq + 1,
        last_accepted_at = greatest(clock_timestamp(), last_accepted_at),
        inbox_id = coalesce($7::int, inbox_id),
        with_bot = with_bot OR $8::boolean,
        claimed_until = CASE WHEN $9::float8 > 0 AND coalesce(claimed_until, '-infinity') < clock_timestamp()
            THEN statement_timestamp() + make_interval(secs => $9::float8) ELSE claimed_until END,
        claimed_by = CASE WHEN $9::float8 > 0 AND coalesce(claimed_until, '-infinity') < clock_timestamp()
            THEN $10::uuid ELSE claimed_by END
    FROM place WHERE lanes.workspace_id = $1 AND lanes.id = place.lane_id
      AND (lanes.id <> place.home OR lanes.points_for IS NOT DISTINCT FROM place.points_for)
    RETURNING {COLUMNS}, last_accepted_at, claimed_until, claimed_by,
        id = home AND next_seq = was_next + 1 AND execution_id IS NOT DISTINCT FROM was_held AS calm
), lane AS (
    SELECT {COLUMNS}, next_seq - 1 AS seq, last_accepted_at AS accepted_at, calm,
           coalesce(claimed_by = $10::uuid, false) AND coalesce(
               claimed_until = statement_timestamp() + make_interval(secs => $9::float8), false) AS claimed
    FROM (SELECT * FROM made UNION ALL SELECT * FROM moved) AS either
), stored AS (
    INSERT INTO inbound_events
        (workspace_id, id, connection_id, lane_id, seq, dedupe_key, event, size, accepted_at, relay_after)
    SELECT $1, $11::uuid, $2, id, seq, $3, $12::jsonb, $13::int, accepted_at,
           CASE WHEN $14::float8 > 0 THEN accepted_at + make_interval(secs => $14::float8) END
    FROM lane
), told AS (
    SELECT pg_notify('inbox', id::text) FROM lane WHERE NOT claimed AND $14::float8 <= 0
)"""  # noqa: S608 (the condition and the columns are ours)
_TOLD = f"""
SELECT id, seq, lane_id, accepted_at, true AS duplicate, false AS claimed,
       NULL::jsonb AS alone, NULL::jsonb AS newest, 0 AS told FROM known
UNION ALL
SELECT $11::uuid, seq, id, accepted_at, false, claimed,
       CASE WHEN calm AND $12::jsonb->>'kind' <> 'status' AND NOT EXISTS (
           {waiting("state = 'received'", UNCONFIRMED, limit="1")}) THEN jsonb_build_array({COLUMNS}) END,
       {NEWEST}, (SELECT count(*) FROM told) FROM lane
"""  # noqa: S608 (the columns are ours)
ACCEPT = _STORED + _TOLD
ACCEPT_STEP = f"{_STORED}, {STEPPED_TOO}{_TOLD}"
"""The same, by which the session on the line that it came in goes a step further."""


async def accept(
    db: Database,
    workspace: str,
    connection: str,
    inbound: Inbound,
    *,
    claim_seconds: float = LEASE_SECONDS,
    hold_seconds: float = 0,
    step: Step | None = None,
) -> Accepted:
    """Store an event at the end of its lane, made on first sight, and claim the lane if it is free.

    Once this returns the event cannot be lost. `claim_seconds=0` leaves the lane to others; `hold_seconds`
    (6 at most) keeps the relay from the row, and from those behind it, for that long. `step`: what becomes
    of the session on the line that it came in.
    """
    args = arguments(db, workspace, connection, inbound, claim_seconds, hold_seconds)
    for _ in range(TRIES - 1):
        try:
            return await accept_once(db, args, step)
        except UniqueViolationError:
            continue
    return await accept_once(db, args, step)


async def accept_once(at: "Rows", args: tuple[Any, ...], step: Step | None = None) -> Accepted:
    """One try, which a copy that comes in this moment may fail: asyncpg's `UniqueViolationError`."""
    told = await stored(at, args, step)
    id, seq, lane, moment, duplicate, claimed, found, newest, _ = told
    if found is None:
        return Accepted(id, seq, lane, moment, duplicate, claimed)
    *_, event, size, _ = args
    row = {"id": id, "seq": seq, "accepted_at": moment, "event": loads(event), "size": size}
    return Accepted(id, seq, lane, moment, duplicate, claimed, alone(found, newest, row))


class Rows(Protocol):
    """The pool, or a connection of it."""

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        """The first row of a statement."""


async def stored(at: Rows, args: tuple[Any, ...], step: Step | None = None) -> Any:
    """What `ACCEPT` gives, as often asked as the address is led elsewhere meanwhile."""
    sql, args = (ACCEPT, args) if step is None else (ACCEPT_STEP, (*args, *step.arguments))
    while (row := await at.fetchrow(sql, *args)) is None:
        continue
    return row


LEFT = """
SELECT connection_id, event->>'address' AS address, event, size FROM inbound_events
WHERE workspace_id = $1 AND id = $2
"""


async def send_home(db: Database, workspace: str, id: str) -> None:
    """Put a row's event at the end of the lane that its address leads to now, once."""
    row = await db.fetchrow(LEFT, workspace, id)
    connection, address = row["connection_id"], row["address"]
    where = (workspace, connection, f"home:{id}", address, new_id(), f"{workspace}/{connection}/{address}")
    args = (*where, None, False, 0.0, db.holder, new_id(), dumps(row["event"]), row["size"], 0.0)
    await stored(db, args)


def arguments(
    db: Database, workspace: str, connection: str, inbound: Inbound, claim: float = 0, hold: float = 0
) -> tuple[Any, ...]:
    """What `ACCEPT` is given; `claim` and `hold` in seconds."""
    address = _plain(inbound.address)
    event = dumps(inbound.model_dump(mode="json", by_alias=True))
    return (
        workspace, connection, _plain(inbound.key), address,
        new_id(), f"{workspace}/{connection}/{address}", inbound.inbox_id, _with_bot(inbound),
        float(claim), db.holder, new_id(), event, len(event.encode()),
        min(float(hold), LONGEST_HOLD),
    )  # fmt: skip


def _with_bot(inbound: Inbound) -> bool:
    """Whether the event shows that its inbox gives conversations to a bot first."""
    says = isinstance(inbound.value, dict) and inbound.kind == "status" and bool(inbound.value.get("hasBot"))
    return says or inbound.conversation.get("status") == "pending"


def _plain(value: str) -> str:
    """Text as a TEXT column takes it."""
    return value.replace("\0", "").encode(errors="ignore").decode()


KNOWN = """
SELECT dedupe_key FROM inbound_events
WHERE workspace_id = $1 AND connection_id = $2 AND dedupe_key = ANY ($3::text[])
"""


async def known(db: Database, workspace: str, connection: str, keys: Sequence[str]) -> set[str]:
    """Those keys of which an event is in the inbox already."""
    return {row[0] for row in await db.fetch(KNOWN, workspace, connection, list(keys))}


# With the lane's last time over the deadline, whoever writes next is later, whatever its clock says.
CLOSE = """
UPDATE lanes SET last_accepted_at = greatest(last_accepted_at, $3::timestamptz + interval '1 microsecond')
WHERE workspace_id = $1 AND id = $2
"""
ACCEPTED_UNTIL = f"""
SELECT e.id, seq, accepted_at, event, size, with_bot, {OUTDATED}
FROM inbound_events AS e JOIN lanes AS l ON l.workspace_id = $1 AND l.id = e.lane_id
WHERE e.workspace_id = $1 AND lane_id = $2 AND seq > $3 AND accepted_at <= $4
  AND (how IS NULL OR how NOT IN ('opt_out', 'opt_in')) ORDER BY seq LIMIT $5
"""  # noqa: S608 (the expression is ours)


async def accepted_until(db: Database, wait: CloseWait) -> ClosedWait:
    """A page of exactly those inputs after `last_seq` that the lane accepted by the deadline.

    Waits until PostgreSQL's clock has passed the deadline; raises `ClockBehind` where that takes long.
    """
    await _passed(db, wait.deadline)
    async with db.transaction() as connection:
        await connection.execute(CLOSE, wait.workspace, wait.lane, wait.deadline)
        rows = await connection.fetch(
            ACCEPTED_UNTIL, wait.workspace, wait.lane, wait.last_seq, wait.deadline, PAGE_ROWS + 1
        )
    inputs, more = page(rows, PAGE_ROWS, PAGE_BYTES)
    return ClosedWait(inputs=inputs, more=more)


async def _passed(db: Database, deadline: datetime) -> None:
    for _ in range(10):
        left = await db.fetchval("SELECT extract(epoch FROM $1 - clock_timestamp())::float8", deadline)
        if left < 0:
            return
        if left > LAG_SECONDS:
            break
        await asyncio.sleep(left + 0.001)
    raise ClockBehind("the database's clock has not reached the deadline")
