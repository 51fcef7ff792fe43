"""Live events: what readers of an execution are told, numbered 1 to n in the transaction that made it so."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dsl.messages import ENDED, Flush, Row
from dsl.model import Json
from store.database import Database
from store.refs import as_id

NOTICE = "live"
"""The channel on which executions are named that have news, while somebody watches them."""
PAGE = 200
"""Events read at a time."""


class Event(NamedTuple):
    """What happened, `at` PostgreSQL's clock; `data` by `type`."""

    seq: int
    type: str
    at: datetime
    node_id: str | None
    data: dict[str, Json]

    @property
    def is_last(self) -> bool:
        """Nothing comes after it: the run is closed."""
        return self.type in ENDED


class Head(NamedTuple):
    """The number of an execution's last event; `over`: none will come after it."""

    execution_id: str
    seq: int
    over: bool


class Mark(NamedTuple):
    """How far the events of an execution are known."""

    workspace: str
    execution_id: str
    seq: int


class Closing(NamedTuple):
    """An execution whose end is recorded but not announced: its run may yet take it back."""

    workspace: str
    execution_id: str
    workflow_id: str


def told(flush: Flush) -> list[dict[str, Json]]:
    """What a flush has to tell: the start (told by the first alone), its lines, where the walk stands now.

    An end is no news yet: the task that brings it may be rejected. `announce` tells it.
    """
    scene, standing = flush.scene, flush.standing
    started: Json = {"flowId": scene.flow_id, "flowVersion": scene.flow_version, "mode": scene.mode}
    events = [_event("started", None, started), *(_line(row) for row in flush.rows)]
    if standing.status not in ENDED:
        stands = standing.model_dump(mode="json", by_alias=True, include={"status", "progress", "waiting"})
        events.append(_event("status", standing.node, stands))
    return events


def _line(row: Row) -> dict[str, Json]:
    """A line of the history, by its number there; its result and the variables are read there."""
    data: dict[str, Json] = {"line": row.seq, "kind": row.kind, "label": row.label, "visit": row.visit}
    if row.phase == "done":
        error = row.error.model_dump(mode="json", by_alias=True) if row.error else None
        data |= {"exit": row.exit, "error": error}
    return _event(f"node_{row.phase}", row.node, data)


def _event(type: str, node: str | None, data: Json) -> dict[str, Json]:
    return {"type": type, "node_id": node, "data": data}


HEAD = "SELECT id, events, announced FROM executions WHERE workspace_id = $1 AND id = $2"


async def head(db: Database, workspace: str, ref: str) -> Head | None:
    """Where the events of an execution end; None where there is no such execution."""
    id = as_id(ref)
    row = await db.fetchrow(HEAD, workspace, id) if id else None
    return Head(*row) if row else None


AFTER = """
SELECT seq, type, at, node_id, data FROM execution_events
WHERE workspace_id = $1 AND execution_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
"""


async def after(db: Database, mark: Mark, limit: int = PAGE) -> list[Event]:
    """The events that come next, in order."""
    return [Event(*row) for row in await db.fetch(AFTER, *mark, limit)]


NEWS = """
SELECT e.execution_id, e.seq, e.type, e.at, e.node_id, e.data
FROM unnest($1::text[], $2::text[], $3::int[]) AS known(workspace, id, seq), LATERAL (
    SELECT * FROM execution_events
    WHERE workspace_id = known.workspace AND execution_id = known.id::uuid AND seq > known.seq
    ORDER BY seq LIMIT $4) AS e
ORDER BY e.execution_id, e.seq
"""


async def news(db: Database, marks: Sequence[Mark], limit: int = PAGE) -> list[tuple[str, Event]]:
    """(execution, event) for all that is new of many executions, up to `limit` of each."""
    rows = await db.fetch(NEWS, *_columns(marks), limit)
    return [(row[0], Event(*row[1:])) for row in rows]


CLOSING = """
SELECT x.workspace_id, x.id, x.workflow_id
FROM unnest($1::text[], $2::text[], $3::int[]) AS known(workspace, id, seq)
JOIN executions AS x ON x.workspace_id = known.workspace AND x.id = known.id::uuid
WHERE x.completed_at IS NOT NULL AND NOT x.announced
"""


async def closing(db: Database, marks: Sequence[Mark]) -> list[Closing]:
    """Those of them which have ended, as far as is recorded, and were not announced."""
    return [Closing(*row) for row in await db.fetch(CLOSING, *_columns(marks))]


WATCH = """
WITH old AS (
    DELETE FROM live_watches WHERE workspace_id IS NOT NULL AND execution_id IN (
        SELECT execution_id FROM live_watches
        WHERE workspace_id IS NOT NULL AND until < now() AND execution_id::text <> ALL ($2::text[])
        FOR UPDATE SKIP LOCKED)
)
INSERT INTO live_watches AS w (workspace_id, execution_id, until)
SELECT workspace, id::uuid, now() + make_interval(secs => $4::float8)
FROM unnest($1::text[], $2::text[], $3::int[]) AS known(workspace, id, seq)
ON CONFLICT (execution_id) DO UPDATE SET until = greatest(w.until, excluded.until)
"""


async def watch(db: Database, marks: Sequence[Mark], seconds: float) -> None:
    """Have the news of these executions announced by notices for so long."""
    await db.execute(WATCH, *_columns(sorted(marks)), seconds)


ANNOUNCE = """
WITH closed AS (
    UPDATE executions SET events = events + 1, announced = true
    WHERE workspace_id = $1 AND id = $2 AND completed_at IS NOT NULL AND NOT announced
    RETURNING events, status, current_node_id, completion_reason, error, progress
), told AS (
    INSERT INTO execution_events (workspace_id, execution_id, seq, type, node_id, data, at)
    SELECT $1, $2, events, status, current_node_id,
        jsonb_build_object('reason', completion_reason, 'error', error, 'progress', progress),
        clock_timestamp()
    FROM closed RETURNING execution_id
)
SELECT pg_notify('live', execution_id::text) FROM told
"""


async def announce(db: Database, closing: Closing) -> None:
    """Tell the end of an execution whose run is known to be closed; once, whoever else does so too."""
    await db.execute(ANNOUNCE, closing.workspace, closing.execution_id)


def _columns(marks: Sequence[Mark]) -> list[list[object]]:
    return [list(column) for column in zip(*marks, strict=True)] or [[], [], []]
