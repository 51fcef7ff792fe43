"""Plans: insert-only, named by the digest of their content, so shared by whoever compiles the same flow."""

from collections.abc import Collection, Mapping

from sqlalchemy import cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.model import Json
from dsl.plan import FORMAT
from store.database import Database
from store.tables import plans


async def put(connection: AsyncConnection, digest: str, plan: Mapping[str, Json]) -> None:
    """Stores a plan's JSON; one that is there already stays as it is."""
    row = {"digest": digest, "format": plan.get("format", FORMAT), "plan": plan}
    await connection.execute(insert(plans).values(row).on_conflict_do_nothing())


async def variables(db: Database, digest: str) -> list[Mapping[str, Json]]:
    """The declared variables of a plan and of each that its subflows walk, by name."""
    below = func.jsonb_array_elements_text(func.coalesce(plans.c.below, cast([], JSONB)))
    walked = select(below.label("digest")).where(plans.c.digest == digest)
    named = or_(plans.c.digest == digest, plans.c.digest.in_(walked))
    async with db.connect() as connection:
        found = await connection.scalars(select(plans.c.plan["variables"]).where(named))
        return [each or {} for each in found]


async def load(db: Database, digest: str) -> Mapping[str, Json] | None:
    """A plan's JSON; None where there is none."""
    async with db.connect() as connection:
        plan: Mapping[str, Json] | None = await connection.scalar(
            select(plans.c.plan).where(plans.c.digest == digest)
        )
    return plan


async def load_all(db: Database, digests: Collection[str]) -> dict[str, Mapping[str, Json]]:
    """The JSON of those plans that are there, by digest."""
    if not digests:
        return {}
    async with db.connect() as connection:
        rows = await connection.execute(
            select(plans.c.digest, plans.c.plan).where(plans.c.digest.in_(digests))
        )
        return {row.digest: row.plan for row in rows}
