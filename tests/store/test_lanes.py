"""Who is on a lane, when a start is noted while the run that was started comes to its end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dsl.messages import Scene
from store import record
from store.batches import Batch
from store.database import Database
from store.delivery import conclude, unsent
from store.lanes import occupy, vacate
from tests.store.made import WORKSPACE, accepted, flush, line, message, scene, waiting_for_locks

pytestmark = pytest.mark.real

Act = Callable[[Database, Scene, Batch], Awaitable[object]]


async def noted(db: Database, where: Scene, _: Batch) -> None:
    await occupy(db, WORKSPACE, where.lane, where.execution_id)


async def concluded(db: Database, _: Scene, batch: Batch) -> object:
    return await conclude(db, batch, [], started=batch.inputs[0])


async def ended(db: Database, where: Scene, _: Batch) -> object:
    return await record.apply(db, flush(where, line(1), at=1, status="completed", last_seq=1))


async def gone(db: Database, where: Scene, _: Batch) -> None:
    await vacate(db, WORKSPACE, where.lane, where.execution_id)


@pytest.mark.parametrize("first", ["start", "end"])
@pytest.mark.parametrize("start", [noted, concluded])
@pytest.mark.parametrize(("recorded", "end"), [(False, ended), (True, ended), (True, gone)])
async def test_nobody_is_left_on_a_lane_by_a_start_and_an_end_at_once(
    db: Database, first: str, start: Act, recorded: bool, end: Act
) -> None:
    """Each of the two statements began before the other was committed."""
    row = await accepted(db, message("a"))
    where, batch = scene(row.lane, row.id), await unsent(db, WORKSPACE, row.lane)
    assert batch
    if recorded:
        await record.apply(db, flush(where, line(1)))
        await db.execute("UPDATE lanes SET execution_id = NULL")
    order = (start, end) if first == "start" else (end, start)
    async with db.transaction() as held:
        await held.execute("SELECT FROM lanes FOR UPDATE")
        running = [await _waiting(db, act(db, where, batch), number) for number, act in enumerate(order, 1)]
    await asyncio.gather(*running)
    assert await db.fetchval("SELECT execution_id FROM lanes") is None


async def test_a_run_that_goes_on_after_an_end_that_was_lost_leaves_its_lane_when_it_ends(
    db: Database,
) -> None:
    """The worker died with a task of which the record was written: walked again, it went another way."""
    row = await accepted(db, message("a"))
    where = scene(row.lane, row.id)
    for at, status, on_it in ((1, "completed", None), (2, "running", row.id), (3, "completed", None)):
        await record.apply(db, flush(where, line(1), at=at, status=status, last_seq=1))
        assert await db.fetchval("SELECT execution_id FROM lanes") == on_it
    await occupy(db, WORKSPACE, row.lane, row.id)
    assert await db.fetchval("SELECT execution_id FROM lanes") is None


async def _waiting(db: Database, act: Awaitable[object], waiting: int) -> asyncio.Future[object]:
    """The act, begun and, where it comes that far, held up by a lock."""
    running = asyncio.ensure_future(act)
    async with asyncio.timeout(10):
        while not running.done() and await waiting_for_locks(db) < waiting:  # noqa: ASYNC110 (the server tells nobody)
            await asyncio.sleep(0.01)
    return running
