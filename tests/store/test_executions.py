"""Executions in the database, as the API starts them."""

import pytest

from store import executions
from store.database import Database
from store.executions import Filter, Starting
from store.ids import new_id
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real


def starting(execution_id: str) -> Starting:
    return Starting(
        id=execution_id, flow_id=new_id(), flow_version=1, plan_digest="d", lane_id=new_id(),
        conversation_id="7",
        workflow_id="w", mode="live", channel="chatwoot",
    )  # fmt: skip


async def begin(db: Database, given: Starting) -> None:
    async with db.begin() as connection:
        await executions.begin(connection, WORKSPACE, given)


async def discard(db: Database, execution_id: str) -> None:
    async with db.begin() as connection:
        await executions.discard(connection, WORKSPACE, execution_id)


async def test_a_starting_execution_is_there_before_it_runs(db: Database) -> None:
    given = starting(new_id())
    await begin(db, given)
    found = await executions.find(db, WORKSPACE, given.id)
    assert found
    assert (found.status, found.flow_id, found.context, found.waiting) == (
        "starting",
        given.flow_id,
        {},
        None,
    )


async def test_beginning_again_changes_nothing(db: Database) -> None:
    given = starting(new_id())
    await begin(db, given)
    await db.execute("UPDATE executions SET status = 'running'")
    await begin(db, given)
    assert await db.fetchval("SELECT status FROM executions") == "running"


async def test_only_an_execution_that_never_ran_is_taken_back_or_failed(db: Database) -> None:
    given = starting(new_id())
    await begin(db, given)
    await db.execute("UPDATE executions SET epoch_at = now(), status = 'running'")
    await discard(db, given.id)
    await executions.fail_start(db, WORKSPACE, given.id, {"code": "X"})
    assert await db.fetchval("SELECT status FROM executions") == "running"
    await db.execute("UPDATE executions SET epoch_at = NULL")
    await executions.fail_start(db, WORKSPACE, given.id, {"code": "X"})
    assert await db.fetchval("SELECT status FROM executions") == "failed"
    await discard(db, given.id)
    assert await executions.find(db, WORKSPACE, given.id) is None


@pytest.mark.parametrize(
    "ref", ["", "x", "welcome", "a\x00", "0" * 100, "{01900000-0000-7000-8000-00000000000}"]
)
async def test_what_is_no_id_finds_nothing(db: Database, ref: str) -> None:
    assert await executions.find(db, WORKSPACE, ref) is None


async def test_workspaces_do_not_see_each_other(db: Database) -> None:
    given = starting(new_id())
    await begin(db, given)
    assert await executions.find(db, "other", given.id) is None
    assert await executions.page(db, "other", 10, None, Filter()) == []
    assert await executions.history(db, "other", given.id, 10, 0) == []
    await executions.fail_start(db, "other", given.id, {})
    assert await db.fetchval("SELECT status FROM executions") == "starting"
