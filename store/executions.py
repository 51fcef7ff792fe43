"""Executions as the API starts and reads them. While one runs, its record flush alone writes its row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, func
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.messages import Status
from dsl.model import Json
from store.database import Database
from store.refs import Place, as_id, newest_first, older
from store.tables import effects, execution_history, executions
from store.workspaces import add, change, remove, rows

Mode = Literal["live", "test"]


class Starting(NamedTuple):
    """An execution about to be started."""

    id: str
    flow_id: str
    flow_version: int
    plan_digest: str
    lane_id: str
    conversation_id: str | None
    workflow_id: str
    mode: Mode
    channel: str | None


class Execution(NamedTuple):
    """Where an execution stands; `context` holds variables, results and contact.

    `workflow_id` and `first_run_id` name its runs at Temporal; the latter is known once it has rested.
    """

    id: str
    flow_id: str
    flow_version: int
    plan_digest: str | None
    lane_id: str | None
    conversation_id: str | None
    workflow_id: str
    first_run_id: str | None
    mode: Mode
    channel: str | None
    status: Status
    current_node_id: str | None
    progress: float
    context: dict[str, Any]
    waiting: dict[str, Any] | None
    error: dict[str, Any] | None
    completion_reason: str | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None
    hidden_at: datetime | None


class Line(NamedTuple):
    """One line of an execution's history."""

    seq: int
    node_id: str
    node_type: str
    label: str
    visit: int
    phase: str
    exit: str | None
    result: Json
    error: dict[str, Any] | None
    variables_snapshot: dict[str, Json] | None
    attempt: int | None
    effect_state: str | None
    started_at: datetime
    ended_at: datetime | None
    merged: list[int] | None
    report: dict[str, Json] | None
    """What the provider told of the node's last effect, sooner or later."""


class Filter(NamedTuple):
    """Which executions are wanted; None and empty match any. `since` and `until`: when they were started."""

    status: Sequence[Status] = ()
    flow_id: str | None = None
    conversation_id: str | None = None
    mode: Mode | None = None
    channel: str | None = None
    hidden: bool | None = None
    active: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


async def begin(
    connection: AsyncConnection, workspace: str, starting: Starting, ttl: float | None = None
) -> None:
    """Writes the row of an execution before it starts, once; it is to end after `ttl` seconds."""
    expires = func.now() + timedelta(seconds=ttl) if ttl is not None else None
    made = add(executions, workspace, status="starting", expires_at=expires, **starting._asdict())
    await connection.execute(made.on_conflict_do_nothing())


async def discard(connection: AsyncConnection, workspace: str, id: str) -> None:
    """Takes back the row of an execution that was never started."""
    mine = (executions.c.id == id, _untouched())
    await connection.execute(remove(executions, workspace).where(*mine))


async def fail_start(db: Database, workspace: str, id: str, error: Mapping[str, Json]) -> None:
    """Marks an execution whose start got no answer; if it runs after all, its first flush overwrites this."""
    mine = (executions.c.id == id, _untouched())
    failed = {"status": "failed", "error": dict(error), "completed_at": func.now(), "updated_at": func.now()}
    async with db.begin() as connection:
        await connection.execute(change(executions, workspace).where(*mine).values(failed))


async def find(db: Database, workspace: str, ref: str) -> Execution | None:
    """The execution of that id."""
    id = as_id(ref)
    if id is None:
        return None
    query = rows(executions, workspace, *_columns(executions, Execution)).where(executions.c.id == id)
    async with db.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    return Execution._make(row) if row else None


async def page(
    db: Database, workspace: str, limit: int, after: Place | None, wanted: Filter
) -> list[Execution]:
    """Executions, newest first, after a place."""
    query = rows(executions, workspace, *_columns(executions, Execution)).where(*_conditions(wanted))
    if after:
        query = query.where(older(executions, after))
    query = query.order_by(*newest_first(executions)).limit(limit)
    async with db.connect() as connection:
        return [Execution._make(row) for row in await connection.execute(query)]


async def history(db: Database, workspace: str, id: str, limit: int, after: int) -> list[Line]:
    """Lines of an execution's record with a seq above `after`, in order."""
    line = execution_history.c
    columns = [line[name] for name in Line._fields if name != "report"]
    query = rows(execution_history, workspace, *columns, _report(workspace)).where(
        line.execution_id == id, line.seq > after
    )
    async with db.connect() as connection:
        found = await connection.execute(query.order_by(execution_history.c.seq).limit(limit))
        return [Line._make(row) for row in found]


def _report(workspace: str) -> ScalarSelect[Any]:
    effect, line = effects.c, execution_history.c
    mine = (effect.execution_id == line.execution_id, effect.node == line.node_id, effect.visit == line.visit)
    told = rows(effects, workspace, effect.report).where(*mine, effect.report.is_not(None))
    return told.order_by(effect.number.desc()).limit(1).scalar_subquery()


def _columns(table: Any, shape: type[Any]) -> list[Any]:
    return [table.c[name] for name in shape._fields]


def _untouched() -> ColumnElement[bool]:
    """No flush of the run has come in."""
    return executions.c.epoch_at.is_(None)


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    row = executions.c
    names = ("flow_id", "conversation_id", "mode", "channel")
    equal = {name: getattr(wanted, name) for name in names}
    yield from (row[name] == value for name, value in equal.items() if value is not None)
    if wanted.status:
        yield row.status.in_(wanted.status)
    if wanted.active is not None:
        yield row.completed_at.is_(None) if wanted.active else row.completed_at.is_not(None)
    if wanted.hidden is not None:
        yield row.hidden_at.is_not(None) if wanted.hidden else row.hidden_at.is_(None)
    if wanted.since is not None:
        yield row.created_at >= wanted.since
    if wanted.until is not None:
        yield row.created_at < wanted.until
