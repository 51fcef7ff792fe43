"""Which event starts which published flow."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.ids import new_id
from store.tables import flow_versions, flows, triggers
from store.workspaces import add, remove, rows


class Trigger(NamedTuple):
    """An event that starts a flow; None matches any."""

    channel: str
    event: str
    connection: str | None = None
    inbox_id: int | None = None
    keyword: str | None = None
    service_code: str | None = None


class Conflict(Exception):
    """Another published flow has the same trigger; `flow` is its author's key."""

    def __init__(self, flow: str) -> None:
        super().__init__(flow)
        self.flow = flow


async def replace(connection: AsyncConnection, workspace: str, flow_id: str, trigger: Trigger | None) -> None:
    """Gives a flow its default trigger in place of the one before; Conflict where another flow has it."""
    # One publication at a time in a workspace: two with the same trigger must not both find it free.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"triggers:{workspace}"))))
    await connection.execute(remove(triggers, workspace).where(triggers.c.flow_id == flow_id))
    if trigger is None or trigger.event == "api":
        return
    if holder := await _holder(connection, workspace, trigger):
        raise Conflict(holder)
    await connection.execute(add(triggers, workspace, id=new_id(), flow_id=flow_id, **trigger._asdict()))


async def _holder(connection: AsyncConnection, workspace: str, trigger: Trigger) -> str | None:
    same = [triggers.c[name].is_not_distinct_from(value) for name, value in trigger._asdict().items()]
    owner = and_(flows.c.workspace_id == triggers.c.workspace_id, flows.c.id == triggers.c.flow_id)
    query = rows(triggers, workspace, flows.c.key).join(flows, owner).where(*same).limit(1)
    key: str | None = await connection.scalar(query)
    return key


class Starter(NamedTuple):
    """A published flow that an event may start, and the trigger that says so."""

    event: str
    inbox_id: int | None
    keyword: str | None
    connection: str | None
    flow_id: str
    version: int
    plan: str
    name: str
    channel: str


async def matching(
    db: Database, workspace: str, channel: str, connection: str, events: Sequence[str], inbox_id: int | None
) -> list[Starter]:
    """Every trigger of a published flow that fits, keywords not yet compared; oldest flow first."""
    live = and_(
        flows.c.workspace_id == triggers.c.workspace_id,
        flows.c.id == triggers.c.flow_id,
        flows.c.deleted_at.is_(None),
    )
    published = and_(
        flow_versions.c.workspace_id == flows.c.workspace_id,
        flow_versions.c.flow_id == flows.c.id,
        flow_versions.c.version == flows.c.published_version,
        flow_versions.c.plan_digest.is_not(None),
    )
    columns = (
        triggers.c.event, triggers.c.inbox_id, triggers.c.keyword, triggers.c.connection,
        flows.c.id, flow_versions.c.version, flow_versions.c.plan_digest, flows.c.name, triggers.c.channel,
    )  # fmt: skip
    query = rows(triggers, workspace, *columns).join(flows, live).join(flow_versions, published)
    fitting = query.where(
        triggers.c.channel == channel,
        triggers.c.event.in_(events),
        or_(triggers.c.connection.is_(None), triggers.c.connection == connection),
        or_(triggers.c.inbox_id.is_(None), triggers.c.inbox_id == inbox_id),
    )
    async with db.connect() as reader:
        return [
            Starter(*row) for row in await reader.execute(fitting.order_by(triggers.c.created_at).limit(1000))
        ]
