"""API keys in the database."""

import asyncio

import pytest
from pydantic import SecretStr

from store import access
from store.access import BadKeyError
from store.database import Database
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real

GIVEN = SecretStr("tmb_bootstrap_a-secret-that-somebody-else-has-made")


async def test_a_key_opens_its_own_workspace(db: Database) -> None:
    key = await access.create(db, WORKSPACE, "tests")
    found = await access.verify(db, key)
    assert found
    assert found.workspace == WORKSPACE


async def test_two_keys_share_nothing(db: Database) -> None:
    first, second = [await access.create(db, WORKSPACE, "tests") for _ in range(2)]
    prefix, secret = first.split("_", 2)[1], second.split("_", 2)[2]
    assert await access.verify(db, f"tmb_{prefix}_{secret}") is None


async def test_the_database_holds_no_usable_key(db: Database) -> None:
    key = await access.create(db, WORKSPACE, "tests")
    stored = str(dict(await db.fetchrow("SELECT * FROM api_keys")))
    assert key.split("_", 2)[2] not in stored
    hash_ = await db.fetchval("SELECT hash FROM api_keys")
    assert await access.verify(db, f"tmb_{key.split('_')[1]}_{hash_}") is None


@pytest.mark.parametrize(
    "key", ["", "tmb", "tmb__", "tmb_short_x", "x" * 1_000, "tmb_deadbeef00_\x00" + "x" * 30]
)
async def test_what_is_no_key_is_nobodys(db: Database, key: str) -> None:
    assert await access.verify(db, key) is None


async def test_use_is_written_down_once_a_minute_at_most(db: Database) -> None:
    key = await access.create(db, WORKSPACE, "tests")

    async def used() -> object:
        await access.verify(db, key)
        return await db.fetchval("SELECT last_used_at FROM api_keys")

    first = await used()
    assert first is not None
    assert await used() == first
    await db.execute("UPDATE api_keys SET last_used_at = now() - interval '61 seconds'")
    assert await used() != first


async def test_a_revoked_key_is_dead_and_stays_so(db: Database) -> None:
    await access.bootstrap(db, GIVEN)
    found = await access.verify(db, GIVEN.get_secret_value())
    assert found
    await access.revoke(db, "other", found.id)
    assert await access.verify(db, GIVEN.get_secret_value())
    await access.revoke(db, found.workspace, found.id)
    await access.bootstrap(db, GIVEN)
    assert await access.verify(db, GIVEN.get_secret_value()) is None


async def test_the_first_start_makes_one_key_and_later_ones_none(db: Database) -> None:
    made = await access.bootstrap(db, None)
    assert made
    assert await access.verify(db, made)
    assert await access.bootstrap(db, None) is None


async def test_a_given_key_is_the_first_one_and_is_not_repeated(db: Database) -> None:
    assert await access.bootstrap(db, GIVEN) is None
    assert await access.bootstrap(db, GIVEN) is None
    assert await access.verify(db, GIVEN.get_secret_value())
    assert await access.bootstrap(db, None) is None
    assert await db.fetchval("SELECT count(*) FROM api_keys") == 1


async def test_a_new_secret_for_the_given_prefix_replaces_the_old_one(db: Database) -> None:
    newer = SecretStr("tmb_bootstrap_the-secret-that-came-after-it")
    await access.bootstrap(db, GIVEN)
    await access.bootstrap(db, newer)
    assert await access.verify(db, newer.get_secret_value())
    assert await access.verify(db, GIVEN.get_secret_value()) is None


async def test_nobody_takes_over_the_prefix_of_another_workspace(db: Database) -> None:
    await access.bootstrap(db, GIVEN, WORKSPACE)
    await access.bootstrap(db, SecretStr("tmb_bootstrap_" + "x" * 30), "other")
    found = await access.verify(db, GIVEN.get_secret_value())
    assert found
    assert found.workspace == WORKSPACE


@pytest.mark.parametrize("given", ["password", "tmb_bootstrap_short", "tmb_UPPER000_" + "x" * 30])
async def test_a_given_key_of_another_form_is_refused_and_not_repeated(db: Database, given: str) -> None:
    with pytest.raises(BadKeyError) as refused:
        await access.bootstrap(db, SecretStr(given))
    assert given not in str(refused.value)


async def test_many_requests_at_once_share_a_key(db: Database) -> None:
    key = await access.create(db, WORKSPACE, "tests")
    assert all(await asyncio.gather(*(access.verify(db, key) for _ in range(30))))
