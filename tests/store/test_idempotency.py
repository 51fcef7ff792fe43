"""Idempotency keys in the database."""

import asyncio

import pytest

from store import idempotency
from store.database import Database
from store.idempotency import Reserved
from store.ids import new_id
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real

FIRST, SECOND = new_id(), new_id()


async def reserve(
    db: Database, execution_id: str = FIRST, digest: str = "body", workspace: str = WORKSPACE
) -> Reserved:
    async with db.begin() as connection:
        return await idempotency.reserve(connection, workspace, "k", digest, execution_id)


async def expire(db: Database) -> None:
    await db.execute("UPDATE idempotency_keys SET claimed_until = now() - interval '1 second'")


async def test_the_first_request_has_the_key_and_the_second_waits(db: Database) -> None:
    assert await idempotency.held(db, WORKSPACE, "k") is None
    assert await reserve(db) == Reserved(True, "body", FIRST, True, None)
    other = Reserved(False, "body", FIRST, True, None)
    assert await reserve(db, SECOND) == other
    assert await idempotency.held(db, WORKSPACE, "k") == other


async def test_of_many_requests_at_once_one_has_the_key(db: Database) -> None:
    found = await asyncio.gather(*(reserve(db, new_id()) for _ in range(10)))
    assert [each.mine for each in found].count(True) == 1
    assert len({each.execution_id for each in found}) == 1


async def test_an_answer_is_kept_for_everybody(db: Database) -> None:
    await reserve(db)
    await idempotency.finish(db, WORKSPACE, "k", 202, {"executionId": FIRST})
    assert await reserve(db, SECOND) == Reserved(False, "body", FIRST, False, {"executionId": FIRST}, 202)


async def test_a_request_that_died_leaves_its_id_to_the_same_body(db: Database) -> None:
    await reserve(db)
    await expire(db)
    assert await reserve(db, SECOND) == Reserved(True, "body", FIRST, True, None)
    assert not (await reserve(db, SECOND)).mine


async def test_a_request_that_died_leaves_nothing_to_another_body(db: Database) -> None:
    await reserve(db)
    await expire(db)
    assert await reserve(db, SECOND, "other body") == Reserved(False, "body", FIRST, False, None)


async def test_a_released_key_is_taken_at_once_with_the_same_id(db: Database) -> None:
    await reserve(db)
    await idempotency.release(db, WORKSPACE, "k")
    assert (await reserve(db, SECOND)).execution_id == FIRST


async def test_releasing_does_not_undo_an_answer(db: Database) -> None:
    await reserve(db)
    await idempotency.finish(db, WORKSPACE, "k", 202, 7)
    await idempotency.release(db, WORKSPACE, "k")
    assert (await reserve(db, SECOND)).answer == 7


async def test_a_forgotten_key_is_free(db: Database) -> None:
    await reserve(db)
    async with db.begin() as connection:
        await idempotency.forget(connection, WORKSPACE, "k")
    assert (await reserve(db, SECOND, "other body")).execution_id == SECOND


async def test_after_seven_days_a_key_is_new(db: Database) -> None:
    await reserve(db)
    await idempotency.finish(db, WORKSPACE, "k", 202, 7)
    await db.execute("UPDATE idempotency_keys SET created_at = now() - interval '6 days 23 hours'")
    assert not (await reserve(db, SECOND, "other body")).mine
    await db.execute("UPDATE idempotency_keys SET created_at = now() - interval '7 days 1 second'")
    assert await idempotency.held(db, WORKSPACE, "k") is None
    assert await reserve(db, SECOND, "other body") == Reserved(True, "other body", SECOND, True, None)


async def test_two_workspaces_may_use_one_word(db: Database) -> None:
    assert (await reserve(db)).mine
    assert (await reserve(db, SECOND, workspace="other")).execution_id == SECOND
