"""What store and intake tests are made of."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from dsl.inputs import Inbound
from dsl.messages import Consumed, Flush, Row, Scene, Standing
from dsl.turns import Turned
from store.database import Database
from store.ids import new_id
from store.inbox import Accepted, accept

WORKSPACE = "acme"
CONNECTION = "chatwoot-1"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def message(key: str, text: str = "hi", *, address: str = "7", **fields: Any) -> Inbound:
    """A message of the contact of a conversation."""
    return Inbound(
        key=f"msg:{key}",
        address=address,
        event="message_created",
        kind="message",
        text=text,
        **{"contact": {"id": 5, "name": "Asha"}, "conversation": {"id": int(address)}, **fields},
    )


def status(key: str, status: str, *, address: str = "7", **value: Any) -> Inbound:
    """A change of a conversation's status or assignee."""
    return Inbound(
        key=f"status:{key}",
        address=address,
        event="conversation_status_changed",
        kind="status",
        value={"status": status, "assignee": None, "hasBot": False, **value},
    )


async def accepted(db: Database, inbound: Inbound, **options: Any) -> Accepted:
    """The event, accepted in the tests' workspace and connection."""
    return await accept(db, WORKSPACE, CONNECTION, inbound, **options)


async def waiting_for_locks(db: Any) -> int:
    """How many statements wait until another one's transaction has ended; of any connection."""
    number: int = await db.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return number


async def held_up(db: Any, number: int = 1) -> None:
    """Return as soon as so many of them wait; the server tells nobody, so it is asked."""
    async with asyncio.timeout(10):
        while await waiting_for_locks(db) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def fates(db: Database) -> list[tuple[int, str, str | None]]:
    """(seq, state, how) of every row of the inbox."""
    return [
        tuple(row)
        for row in await db.fetch("SELECT seq, state, how FROM inbound_events ORDER BY lane_id, seq")
    ]


def scene(lane: str, execution_id: str | None = None) -> Scene:
    """Who and where of a run."""
    return Scene(
        workspace=WORKSPACE,
        execution_id=execution_id or new_id(),
        flow_id=new_id(),
        flow_version=1,
        lane=lane,
        connection=CONNECTION,
        conversation="7",
    )


def line(seq: int, node: str = "ask", **fields: Any) -> Row:
    """A line of the history."""
    return Row(
        **{"kind": "message", "label": node, "visit": 1, "phase": "done", "started_at": NOON, **fields},
        seq=seq,
        node=node,
    )


def flush(
    where: Scene,
    *rows: Row,
    at: int = 0,
    number: int | None = None,
    run: str = "run-1",
    consumed: list[Consumed] | None = None,
    turned: list[Turned] | None = None,
    **standing: Any,
) -> Flush:
    """A record flush `at` seconds after noon."""
    last = rows[-1].seq if rows else 0
    return Flush(
        scene=where,
        run=run,
        at=NOON + timedelta(seconds=at),
        number=last if number is None else number,
        rows=list(rows),
        consumed=consumed or [],
        turned=turned or [],
        standing=Standing(**{"status": "running", **standing}),
    )
