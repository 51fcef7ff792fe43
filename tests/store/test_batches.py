"""An accepted event brings along what its lane has to deliver, where that is the event alone."""

import asyncio

import pytest

from store import inbox
from store.database import Database
from store.delivery import Mark, conclude, unsent
from store.inbox import Accepted
from store.record import apply
from tests.store.made import CONNECTION, WORKSPACE, accepted, flush, held_up, line, message, scene, status

pytestmark = pytest.mark.real


async def delivered(db: Database, row: Accepted) -> None:
    """The lane has nothing left to deliver."""
    batch = await unsent(db, WORKSPACE, row.lane)
    assert batch
    assert await conclude(db, batch, [Mark(input.seq, "handed") for input in batch.inputs])


async def test_an_event_that_is_alone_comes_with_the_batch_that_a_look_would_find(db: Database) -> None:
    first = await accepted(db, message("1", "odd \0 \ud800", inbox_id=3, conversation={"status": "pending"}))
    assert first.batch
    assert first.batch == await unsent(db, WORKSPACE, first.lane)
    await delivered(db, first)
    await apply(db, flush(scene(first.lane, first.id), line(1), status="completed", last_seq=1))
    second = await accepted(db, message("2", "x" * 20_000))
    assert second.batch
    assert second.batch == await unsent(db, WORKSPACE, second.lane)
    assert second.batch.newest
    assert (second.batch.newest.id, second.batch.newest.active) == (first.id, False)


async def test_an_event_behind_another_is_not_alone(db: Database) -> None:
    await accepted(db, message("1"))
    assert (await accepted(db, message("2"))).batch is None


async def test_an_event_that_waited_for_another_is_not_alone(db: Database) -> None:
    """The other's row cannot be seen by who looked before it was there: it would be overtaken."""
    await delivered(db, await accepted(db, message("1")))
    async with db.transaction() as held:
        await inbox.accept_once(held, inbox.arguments(db, WORKSPACE, CONNECTION, message("2")))
        late = asyncio.create_task(accepted(db, message("3")))
        await held_up(held)
    assert (await late).seq == 3
    assert (await late).batch is None


async def test_an_event_that_waited_for_a_run_to_come_or_go_is_not_alone(db: Database) -> None:
    """Which execution is the lane's newest was read before."""
    first = await accepted(db, message("1"))
    await delivered(db, first)
    async with db.transaction() as held:
        await held.execute("UPDATE lanes SET execution_id = $1", first.id)
        late = asyncio.create_task(accepted(db, message("2")))
        await held_up(held)
    assert (await late).batch is None


async def test_a_status_is_judged_by_those_before_it(db: Database) -> None:
    assert (await accepted(db, status("1", "open"))).batch is None
    assert (await accepted(db, message("1", address="8"))).batch
