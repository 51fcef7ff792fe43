"""Flows and their versions: stored as they were sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Select, Text, cast, extract, func, literal, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.digests import digest_of
from dsl.messages import ENDED
from dsl.model import Json
from store.database import Database
from store.ids import new_id
from store.jsons import loads
from store.refs import Place, as_id, newest_first, older
from store.tables import executions, flow_versions, flows, plans, triggers
from store.workspaces import add, change, rows


class Gone(Exception):
    """There is no such flow, or there is none any more."""


class Stale(Exception):
    """The flow has changed since the revision that the caller knows."""


class Draft(NamedTuple):
    """A flow as it comes in: what is read of it, the JSON texts as sent, its canonical form if it has one."""

    key: str
    name: str
    description: str | None
    document: str
    ui: str | None
    spec: Mapping[str, Json] | None
    dialect: str


class Saved(NamedTuple):
    """Where a draft went; `fresh` when the flow was not known before."""

    id: str
    version: int
    published: bool
    created_at: datetime
    fresh: bool
    revision: int


class Flow(NamedTuple):
    """A flow without its documents; `version` is the latest, `published_version` the one that runs.

    `revision` grows with every change of the flow: what is stored, published, taken back.
    """

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
    revision: int


class Version(NamedTuple):
    """One version of a flow; `sent` and `ui` are JSON texts, `published_at` when it was published last."""

    version: int
    sent: str
    ui: str | None
    plan_digest: str | None
    created_at: datetime
    published_at: datetime | None
    params: dict[str, Json]
    """What a start may give, by name, as `settings.params` declares it; empty in a draft of no form."""
    plans: tuple[str, ...]
    """Digests of the plans that its subflows walk."""

    @property
    def document(self) -> dict[str, Json]:
        """The flow as a value."""
        value: dict[str, Json] = loads(self.sent)
        return value


class Listed(NamedTuple):
    """A version in a list, without its documents."""

    version: int
    dialect: str
    plan_digest: str | None
    created_at: datetime
    published_at: datetime | None


class Figures(NamedTuple):
    """How a flow's live executions went: a count, a share of those that ended (0 to 1), seconds."""

    executions: int
    success_rate: float | None
    avg_duration: float | None


async def save(db: Database, workspace: str, author: str, draft: Draft) -> Saved:
    """Stores a draft as a new flow, or the next version of a known key; the same again is no change."""
    async with db.begin() as connection:
        fresh = await _make(connection, workspace, author, draft)
        flow = await _locked(connection, workspace, flows.c.key == draft.key)
        return await _store(connection, workspace, author, flow, draft, fresh=fresh)


async def update(
    db: Database, workspace: str, author: str, flow_id: str, draft: Draft, revision: int
) -> Saved:
    """Stores the next version of a flow that is at that revision; else `Stale`, without a flow `Gone`."""
    async with db.begin() as connection:
        flow = await _locked(connection, workspace, flows.c.id == flow_id)
        if flow.revision != revision:
            raise Stale
        return await _store(connection, workspace, author, flow, draft)


async def touch(
    connection: AsyncConnection, workspace: str, flow_id: str, revision: int | None, **values: Any
) -> Flow:
    """Changes a flow's row, which counts as a change of the flow; `Stale` where it is not at `revision`."""
    flow = await _locked(connection, workspace, flows.c.id == flow_id)
    if revision not in (None, flow.revision):
        raise Stale
    changed = {"revision": flow.revision + 1, "updated_at": func.now(), **values}
    columns = [flows.c[name] for name in Flow._fields]
    query = change(flows, workspace).where(flows.c.id == flow_id).values(changed).returning(*columns)
    return Flow._make((await connection.execute(query)).one())


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
    channel: str | None = None,
    q: str | None = None,
) -> list[Flow]:
    """Flows, newest first, after a place; `q` is a part of name or key, `channel` of a trigger."""
    wanted: list[ColumnElement[bool]] = []
    if after:
        wanted.append(older(flows, after))
    if status:
        wanted.append(flows.c.status == status)
    if channel:
        starts = rows(triggers, workspace, triggers.c.id).where(
            triggers.c.flow_id == flows.c.id, triggers.c.channel == channel
        )
        wanted.append(starts.exists())
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


async def versions(db: Database, workspace: str, flow_id: str, limit: int, below: int = 0) -> list[Listed]:
    """A flow's versions, newest first; those below a number, if one is given."""
    columns = [flow_versions.c[name] for name in Listed._fields]
    query = rows(flow_versions, workspace, *columns).where(flow_versions.c.flow_id == flow_id)
    if below:
        query = query.where(flow_versions.c.version < below)
    async with db.connect() as connection:
        found = await connection.execute(query.order_by(flow_versions.c.version.desc()).limit(limit))
        return [Listed._make(row) for row in found]


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
    sent, ui = cast(stored.document, Text), cast(stored.ui_data, Text)
    columns = (stored.version, sent, ui, stored.plan_digest, stored.created_at)
    more = (stored.published_at, stored.spec["settings"]["params"], plans.c.below)
    query = rows(flow_versions, workspace, *columns, *more)
    query = query.outerjoin(plans, plans.c.digest == stored.plan_digest)
    one = (stored.flow_id == flow_id, stored.version == number)
    row = (await connection.execute(query.where(*one))).one_or_none()
    return Version._make((*row[:-2], row[-2] or {}, tuple(row[-1] or ()))) if row else None


async def _locked(connection: AsyncConnection, workspace: str, which: ColumnElement[bool]) -> Flow:
    row = (await connection.execute(_flows(workspace).where(which).with_for_update())).one_or_none()
    if row is None:
        raise Gone
    return Flow._make(row)


async def _store(
    connection: AsyncConnection, workspace: str, author: str, flow: Flow, draft: Draft, *, fresh: bool = False
) -> Saved:
    known = None if fresh else await _version(connection, workspace, flow.id, flow.version)
    if known and (known.sent, known.ui) == (draft.document, draft.ui):
        published = flow.published_version == known.version
        return Saved(flow.id, known.version, published, known.created_at, fresh, flow.revision)
    number, revision = (1, 1) if fresh else (flow.version + 1, flow.revision + 1)
    created_at = await _add_version(connection, workspace, author, flow.id, number, draft)
    latest = {"version": number, "name": draft.name, "description": draft.description, "revision": revision}
    values = {**latest, "updated_at": func.now()}
    await connection.execute(change(flows, workspace).where(flows.c.id == flow.id).values(values))
    return Saved(flow.id, number, False, created_at, fresh, revision)


async def _make(connection: AsyncConnection, workspace: str, author: str, draft: Draft) -> bool:
    named = {"key": draft.key, "name": draft.name, "description": draft.description}
    made = add(flows, workspace, id=new_id(), created_by=author, **named).on_conflict_do_nothing()
    return (await connection.execute(made.returning(flows.c.id))).one_or_none() is not None


def _verbatim(text: str) -> ColumnElement[Json]:
    return cast(literal(text, Text), JSON)


async def _add_version(
    connection: AsyncConnection, workspace: str, author: str, flow_id: str, number: int, draft: Draft
) -> datetime:
    stored = add(
        flow_versions,
        workspace,
        flow_id=flow_id,
        version=number,
        document=_verbatim(draft.document),
        ui_data=None if draft.ui is None else _verbatim(draft.ui),
        spec=draft.spec,
        spec_digest=digest_of(draft.spec) if draft.spec else None,
        dialect=draft.dialect,
        created_by=author,
    )
    created_at: datetime | None = await connection.scalar(stored.returning(flow_versions.c.created_at))
    assert created_at
    return created_at
