"""Plans are written once."""

import pytest

from dsl.plan import FORMAT
from store import plans
from store.database import Database

pytestmark = pytest.mark.real


async def put(db: Database, digest: str, name: str) -> None:
    async with db.begin() as connection:
        await plans.put(connection, digest, {"format": FORMAT, "name": name})


async def test_the_variables_of_a_plan_are_those_of_the_plans_below_too(db: Database) -> None:
    """A plan of a release without subflows says nothing of plans below it."""
    name, town = {"name": {"pii": True}}, {"town": {"default": "Mombasa"}}
    async with db.begin() as connection:
        await plans.put(connection, "inner", {"variables": name})
        await plans.put(connection, "middle", {"variables": {}, "plans": ["inner"]})
        await plans.put(connection, "outer", {"variables": town, "plans": ["middle", "inner"]})
        await plans.put(connection, "old", {"format": FORMAT})
    found = await plans.variables(db, "outer")
    assert sorted(found, key=str) == sorted([name, {}, town], key=str)
    assert await plans.variables(db, "inner") == [name]
    assert await plans.variables(db, "old") == [{}]
    assert await plans.variables(db, "nowhere") == []


async def test_a_plan_that_is_there_stays_as_it_is(db: Database) -> None:
    """An execution runs what it was started with, whatever is stored under the digest later."""
    await put(db, "digest", "the first")
    await put(db, "digest", "another")
    assert await plans.load(db, "digest") == {"format": FORMAT, "name": "the first"}
    assert await plans.load(db, "nowhere") is None


async def test_many_plans_are_loaded_by_digest_and_what_is_nowhere_is_left_out(db: Database) -> None:
    for digest in ("one", "two", "three"):
        await put(db, digest, f"the {digest}")
    found = await plans.load_all(db, ["three", "one", "nowhere"])
    assert found == {
        "one": {"format": FORMAT, "name": "the one"},
        "three": {"format": FORMAT, "name": "the three"},
    }
    assert await plans.load_all(db, []) == {}
