"""Flows and their versions: stored as they were sent, published by the digest of their plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, extract, func, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.messages import ENDED
from dsl.model import Json
from dsl.plan import digest_of
from store import plans, triggers
from store.database import Database
from store.ids import new_id
from store.refs import Place, as_id, newest_first, older
from store.tables import executions, flow_versions, flows
from store.triggers import Trigger
from store.workspaces import add, change, rows


class Draft(NamedTuple):
    """A flow as it comes in: what is read of it, the document as sent, its canonical form if it has one."""

    key: str
    name: str
    description: str | None
    document: Mapping[str, Json]
    ui: Json
    spec: Mapping[str, Json] | None
    dialect: str


class Saved(NamedTuple):
    """Where a draft went; `fresh` when the flow was not known before."""

    id: str
    version: int
    published: bool
    created_at: datetime
    fresh: bool


class Flow(NamedTuple):
    """A flow without its documents; `version` is the latest, `published_version` the one that runs."""

    id: str
    key: str
    name: str
    description: str | None
    status: str
    version: int
    published_version: int | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class Version(NamedTuple):
    """One version of a flow; `published_at` when it was published last."""

    version: int
    document: dict[str, Json]
    ui: Json
    plan_digest: str | None
    created_at: datetime
    published_at: datetime | None


class Publication(NamedTuple):
    """A compiled version: its canonical form, its plan, and the trigger it asks for."""

    version: int
    spec: Mapping[str, Json]
    digest: str
    plan: Mapping[str, Json]
    trigger: Trigger | None


class Figures(NamedTuple):
    """How a flow's live executions went: a count, a share of those that ended (0 to 1), seconds."""

    executions: int
    success_rate: float | None
    avg_duration: float | None


async def save(db: Database, workspace: str, author: str, draft: Draft) -> Saved:
    """Stores a draft as a new flow, or the next version of a known key; the same again is no change."""
    async with db.begin() as connection:
        fresh = await _make(connection, workspace, author, draft)
        named = _flows(workspace).where(flows.c.key == draft.key).with_for_update()
        flow = Flow._make((await connection.execute(named)).one())
        known = None if fresh else await _version(connection, workspace, flow.id, flow.version)
        if known and (known.document, known.ui) == (draft.document, draft.ui):
            return Saved(flow.id, known.version, known.published_at is not None, known.created_at, fresh)
        number = flow.version if fresh else flow.version + 1
        created_at = await _add_version(connection, workspace, author, flow.id, number, draft)
    return Saved(flow.id, number, False, created_at, fresh)


async def find(db: Database, workspace: str, ref: str) -> Flow | None:
    """The flow by its UUID or by its author's key."""
    if "\0" in ref:
        return None
    id = as_id(ref)
    named = flows.c.key == ref if id is None else or_(flows.c.id == id, flows.c.key == ref)
    async with db.connect() as connection:
        row = (await connection.execute(_flows(workspace).where(named).limit(1))).one_or_none()
    return Flow._make(row) if row else None


async def page(
    db: Database,
    workspace: str,
    limit: int,
    after: Place | None = None,
    *,
    status: str | None = None,
    q: str | None = None,
) -> list[Flow]:
    """Flows, newest first, after a place; `q` is a part of name or key."""
    wanted: list[ColumnElement[bool]] = []
    if after:
        wanted.append(older(flows, after))
    if status:
        wanted.append(flows.c.status == status)
    if q:
        parts = (column.icontains(q, autoescape=True) for column in (flows.c.name, flows.c.key))
        wanted.append(or_(*parts))
    query = _flows(workspace).where(*wanted).order_by(*newest_first(flows)).limit(limit)
    async with db.connect() as connection:
        return [Flow._make(row) for row in await connection.execute(query)]


async def version(db: Database, workspace: str, flow_id: str, number: int) -> Version | None:
    """One version of a flow."""
    async with db.connect() as connection:
        return await _version(connection, workspace, flow_id, number)


async def publish(db: Database, workspace: str, flow_id: str, made: Publication) -> datetime:
    """Makes a version the one that runs, with plan and trigger; `triggers.Conflict`: nothing has changed."""
    async with db.begin() as connection:
        live = {"status": "published", "published_version": made.version, "published_at": func.now()}
        published = change(flows, workspace).where(flows.c.id == flow_id).values(live)
        at: datetime | None = await connection.scalar(published.returning(flows.c.published_at))
        assert at
        await triggers.replace(connection, workspace, flow_id, made.trigger)
        await _keep(connection, workspace, flow_id, made, published_at=at)
    return at


async def keep_plan(db: Database, workspace: str, flow_id: str, made: Publication) -> None:
    """Stores a version's plan without publishing it, so that a draft can be tried."""
    async with db.begin() as connection:
        await _keep(connection, workspace, flow_id, made)


async def figures(db: Database, workspace: str, flow_id: str) -> Figures:
    """How the flow's live executions went."""
    done = executions.c.status == "completed"
    seconds = extract("epoch", executions.c.completed_at - executions.c.created_at)
    query = rows(
        executions,
        workspace,
        func.count(),
        func.count().filter(executions.c.status.in_(ENDED)),
        func.count().filter(done),
        func.avg(seconds).filter(done),
    ).where(executions.c.flow_id == flow_id, executions.c.mode == "live")
    async with db.connect() as connection:
        total, ended, completed, duration = (await connection.execute(query)).one()
    return Figures(total, completed / ended if ended else None, None if duration is None else float(duration))


def _flows(workspace: str) -> Select[Any]:
    return rows(flows, workspace, *(flows.c[name] for name in Flow._fields)).where(
        flows.c.deleted_at.is_(None)
    )


async def _version(connection: AsyncConnection, workspace: str, flow_id: str, number: int) -> Version | None:
    stored = flow_versions.c
    columns = (stored.version, stored.document, stored.ui_data, stored.plan_digest, stored.created_at)
    query = rows(flow_versions, workspace, *columns, stored.published_at)
    row = (
        await connection.execute(query.where(stored.flow_id == flow_id, stored.version == number))
    ).one_or_none()
    return Version._make(row) if row else None


async def _make(connection: AsyncConnection, workspace: str, author: str, draft: Draft) -> bool:
    named = {"key": draft.key, "name": draft.name, "description": draft.description}
    made = add(flows, workspace, id=new_id(), created_by=author, **named).on_conflict_do_nothing()
    return (await connection.execute(made.returning(flows.c.id))).one_or_none() is not None


async def _add_version(
    connection: AsyncConnection, workspace: str, author: str, flow_id: str, number: int, draft: Draft
) -> datetime:
    stored = add(
        flow_versions,
        workspace,
        flow_id=flow_id,
        version=number,
        document=draft.document,
        ui_data=draft.ui,
        spec=draft.spec,
        spec_digest=digest_of(draft.spec) if draft.spec else None,
        dialect=draft.dialect,
        created_by=author,
    )
    latest = {
        "version": number,
        "name": draft.name,
        "description": draft.description,
        "updated_at": func.now(),
    }
    await connection.execute(change(flows, workspace).where(flows.c.id == flow_id).values(latest))
    created_at: datetime | None = await connection.scalar(stored.returning(flow_versions.c.created_at))
    assert created_at
    return created_at


async def _keep(
    connection: AsyncConnection,
    workspace: str,
    flow_id: str,
    made: Publication,
    *,
    published_at: datetime | None = None,
) -> None:
    await plans.put(connection, made.digest, made.plan)
    values: dict[str, Any] = {
        "plan_digest": made.digest,
        "spec": made.spec,
        "spec_digest": digest_of(made.spec),
    }
    if published_at:
        values["published_at"] = published_at
    one = (flow_versions.c.flow_id == flow_id, flow_versions.c.version == made.version)
    await connection.execute(change(flow_versions, workspace).where(*one).values(values))
