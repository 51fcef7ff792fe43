"""Which version of a flow runs: published by the digest of its plan, taken back, deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.digests import digest_of
from dsl.model import Json
from store import plans, triggers
from store.database import Database
from store.flows import Flow, touch
from store.tables import flow_versions
from store.triggers import Trigger
from store.workspaces import change, rows


class Publication(NamedTuple):
    """A compiled version: its canonical form, its plan, and the trigger it asks for."""

    version: int
    spec: Mapping[str, Json]
    digest: str
    plan: Mapping[str, Json]
    trigger: Trigger | None


async def publish(
    db: Database, workspace: str, flow_id: str, made: Publication, revision: int | None = None
) -> Flow:
    """Makes a version the one that runs, with plan and trigger.

    Nothing has changed after `triggers.Conflict`, `flows.Stale` (not at `revision`) or `flows.Gone`."""
    live = {"status": "published", "published_version": made.version, "published_at": func.now()}
    async with db.begin() as connection:
        flow = await touch(connection, workspace, flow_id, revision, **live)
        await triggers.replace(connection, workspace, flow_id, made.trigger)
        await _keep(connection, workspace, flow_id, made, published_at=flow.published_at)
    return flow


async def unpublish(db: Database, workspace: str, flow_id: str, revision: int | None = None) -> Flow:
    """Lets nothing start any more; what runs goes on. Triggers that the API made wait for the next time."""
    draft = {"status": "draft", "published_version": None, "published_at": None}
    async with db.begin() as connection:
        flow = await touch(connection, workspace, flow_id, revision, **draft)
        await triggers.replace(connection, workspace, flow_id, None)
    return flow


async def delete(db: Database, workspace: str, flow_id: str, revision: int | None = None) -> None:
    """Hides a flow and frees its key; its versions and executions stay, and what runs goes on."""
    async with db.begin() as connection:
        await touch(connection, workspace, flow_id, revision, deleted_at=func.now())
        await triggers.forget(connection, workspace, flow_id)


async def before(db: Database, workspace: str, flow_id: str, version: int) -> int | None:
    """The newest version below a version that was ever published."""
    earlier = (
        flow_versions.c.flow_id == flow_id,
        flow_versions.c.version < version,
        flow_versions.c.published_at.is_not(None),
    )
    query = rows(flow_versions, workspace, func.max(flow_versions.c.version)).where(*earlier)
    async with db.connect() as connection:
        found: int | None = await connection.scalar(query)
    return found


async def keep_plan(db: Database, workspace: str, flow_id: str, made: Publication) -> None:
    """Stores a version's plan without publishing it, so that a draft can be tried."""
    async with db.begin() as connection:
        await _keep(connection, workspace, flow_id, made)


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
