"""Plans: insert-only, named by the digest of their content, so shared by whoever compiles the same flow."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.model import Json
from dsl.plan import FORMAT
from store.database import Database
from store.tables import plans


async def put(connection: AsyncConnection, digest: str, plan: Mapping[str, Json]) -> None:
    """Stores a plan's JSON; one that is there already stays as it is."""
    row = {"digest": digest, "format": plan.get("format", FORMAT), "plan": plan}
    await connection.execute(insert(plans).values(row).on_conflict_do_nothing())


async def load(db: Database, digest: str) -> Mapping[str, Json] | None:
    """A plan's JSON; None where there is none."""
    async with db.connect() as connection:
        plan: Mapping[str, Json] | None = await connection.scalar(
            select(plans.c.plan).where(plans.c.digest == digest)
        )
    return plan
