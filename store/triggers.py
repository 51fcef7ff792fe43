"""Which event starts which published flow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.ids import new_id
from store.refs import Place, newest_first, older
from store.tables import flows, triggers
from store.workspaces import add, remove, rows

SPEC, API = "spec", "api"
PER_FLOW = 100


class Trigger(NamedTuple):
    """An event that starts a flow; None matches any."""

    channel: str
    event: str
    connection: str | None = None
    inbox_id: int | None = None
    keyword: str | None = None
    service_code: str | None = None


class Conflict(Exception):
    """A published flow has the same trigger; `flow` is its author's key."""

    def __init__(self, flow: str) -> None:
        super().__init__(flow)
        self.flow = flow


class Full(Exception):
    """The flow has as many triggers as a flow may have."""


class OfSpec(Exception):
    """The trigger comes with the flow's publication, and goes with it."""


class Listed(NamedTuple):
    """A trigger as it is shown; `origin` is `spec` or `api`, `flow` the key of the flow it starts."""

    id: str
    flow_id: str
    flow: str
    channel: str
    event: str
    inbox_id: int | None
    keyword: str | None
    service_code: str | None
    origin: str
    created_at: datetime


async def replace(connection: AsyncConnection, workspace: str, flow_id: str, trigger: Trigger | None) -> None:
    """Gives a flow its default trigger in place of the one before; Conflict where another flow has it,
    or any that was added to this one."""
    await _alone(connection, workspace)
    own = (triggers.c.flow_id == flow_id, triggers.c.origin == SPEC)
    await connection.execute(remove(triggers, workspace).where(*own))
    if trigger is not None and trigger.event != "api":
        again = rows(triggers, workspace, triggers.c.id).where(triggers.c.flow_id == flow_id, _same(trigger))
        if (await connection.execute(again)).first() is None:
            await _add(connection, workspace, new_id(), flow_id, trigger, SPEC)
    await _only_once(connection, workspace, flow_id)


async def put(db: Database, workspace: str, id: str, flow_id: str, trigger: Trigger) -> Listed:
    """Adds a trigger to a flow, once for each id.

    Conflict where a published flow, or this one, has it; Full where there are too many."""
    async with db.begin() as connection:
        await _alone(connection, workspace)
        if known := await _find(connection, workspace, id):
            return known
        mine = rows(triggers, workspace, func.count()).where(triggers.c.flow_id == flow_id)
        if (await connection.scalar(mine) or 0) >= PER_FLOW:
            raise Full
        again = _listed(workspace).where(triggers.c.flow_id == flow_id, _same(trigger))
        if known_row := (await connection.execute(again)).first():
            raise Conflict(Listed._make(known_row).flow)
        await _add(connection, workspace, id, flow_id, trigger, API)
        await _only_once(connection, workspace, flow_id)
        made = await _find(connection, workspace, id)
    assert made, "the flow's row was read by the caller, and is never removed"
    return made


async def delete(db: Database, workspace: str, id: str) -> bool:
    """Removes a trigger that was added; False where there is none, `OfSpec` for a flow's default."""
    async with db.begin() as connection:
        known = await _find(connection, workspace, id)
        if known and known.origin == SPEC:
            raise OfSpec
        gone = await connection.execute(remove(triggers, workspace).where(triggers.c.id == id))
    return bool(gone.rowcount)


async def forget(connection: AsyncConnection, workspace: str, flow_id: str) -> None:
    """Removes every trigger of a flow."""
    await connection.execute(remove(triggers, workspace).where(triggers.c.flow_id == flow_id))


async def page(
    db: Database, workspace: str, limit: int, after: Place | None = None, flow_id: str | None = None
) -> list[Listed]:
    """Triggers, newest first, after a place."""
    query = _listed(workspace)
    if flow_id:
        query = query.where(triggers.c.flow_id == flow_id)
    if after:
        query = query.where(older(triggers, after))
    async with db.connect() as connection:
        found = await connection.execute(query.order_by(*newest_first(triggers)).limit(limit))
        return [Listed._make(row) for row in found]


async def _alone(connection: AsyncConnection, workspace: str) -> None:
    # One change at a time in a workspace: two with the same trigger must not both find it free.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"triggers:{workspace}"))))


async def _add(
    connection: AsyncConnection, workspace: str, id: str, flow_id: str, trigger: Trigger, origin: str
) -> None:
    made = add(triggers, workspace, id=id, flow_id=flow_id, origin=origin, **trigger._asdict())
    await connection.execute(made)


async def _only_once(connection: AsyncConnection, workspace: str, flow_id: str) -> None:
    """Conflict where a published flow has a trigger that this one has too."""
    other = triggers.alias()
    same = [triggers.c[name].is_not_distinct_from(other.c[name]) for name in Trigger._fields]
    twin = and_(other.c.workspace_id == workspace, other.c.flow_id != triggers.c.flow_id, *same)
    owner = and_(
        flows.c.workspace_id == workspace,
        flows.c.id == other.c.flow_id,
        flows.c.published_version.is_not(None),
    )
    query = rows(triggers, workspace, flows.c.key).join(other, twin).join(flows, owner)
    key: str | None = await connection.scalar(query.where(triggers.c.flow_id == flow_id).limit(1))
    if key is not None:
        raise Conflict(key)


def _same(trigger: Trigger) -> ColumnElement[bool]:
    return and_(*(triggers.c[name].is_not_distinct_from(value) for name, value in trigger._asdict().items()))


async def _find(connection: AsyncConnection, workspace: str, id: str) -> Listed | None:
    row = (await connection.execute(_listed(workspace).where(triggers.c.id == id))).one_or_none()
    return Listed._make(row) if row else None


def _listed(workspace: str) -> Select[Any]:
    owner = and_(flows.c.workspace_id == triggers.c.workspace_id, flows.c.id == triggers.c.flow_id)
    shown = {"flow": flows.c.key}
    columns = [shown.get(name, triggers.c.get(name)) for name in Listed._fields]
    return rows(triggers, workspace, *columns).join(flows, owner)


class Asked(NamedTuple):
    """By what, and where, a flow is asked for: `events` are all the names of what happened."""

    channel: str
    connection: str
    events: Sequence[str]
    inbox_id: int | None = None
    service: str | None = None


class Starter(NamedTuple):
    """A published flow that an event may start, and the trigger that says so."""

    event: str
    inbox_id: int | None
    keyword: str | None
    service_code: str | None
    connection: str | None
    flow_id: str
    version: int
    plan: str
    name: str
    channel: str
    plans: tuple[str, ...]
    """Digests of those that the plan's subflows walk."""


# Every conversation begins with it: as driver SQL it costs a twentieth of what it did.
MATCHING = """
SELECT t.event, t.inbox_id, t.keyword, t.service_code, t.connection,
       f.id, v.version, v.plan_digest, f.name, t.channel, coalesce(p.below, '[]')
FROM triggers AS t
JOIN flows AS f ON f.workspace_id = t.workspace_id AND f.id = t.flow_id AND f.deleted_at IS NULL
JOIN flow_versions AS v ON v.workspace_id = f.workspace_id AND v.flow_id = f.id
    AND v.version = f.published_version AND v.plan_digest IS NOT NULL
LEFT JOIN plans AS p ON p.digest = v.plan_digest
WHERE t.workspace_id = $1 AND t.channel = $2 AND t.event = ANY ($3::text[])
  AND (t.connection IS NULL OR t.connection = $4)
  AND (t.inbox_id IS NULL OR t.inbox_id = $5)
  AND (t.service_code IS NULL OR t.service_code = $6)
ORDER BY t.created_at LIMIT 1000
"""


async def matching(db: Database, workspace: str, asked: Asked) -> list[Starter]:
    """Every trigger of a published flow that fits, keywords not yet compared; oldest flow first."""
    where = (asked.channel, list(asked.events), asked.connection, asked.inbox_id, asked.service)
    return [Starter._make((*row[:-1], tuple(row[-1]))) for row in await db.fetch(MATCHING, workspace, *where)]
