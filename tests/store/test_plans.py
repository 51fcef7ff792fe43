"""Plans are written once."""

import pytest

from dsl.plan import FORMAT
from store import plans
from store.database import Database

pytestmark = pytest.mark.real


async def put(db: Database, digest: str, name: str) -> None:
    async with db.begin() as connection:
        await plans.put(connection, digest, {"format": FORMAT, "name": name})


async def test_a_plan_that_is_there_stays_as_it_is(db: Database) -> None:
    """An execution runs what it was started with, whatever is stored under the digest later."""
    await put(db, "digest", "the first")
    await put(db, "digest", "another")
    assert await plans.load(db, "digest") == {"format": FORMAT, "name": "the first"}
    assert await plans.load(db, "nowhere") is None
