"""A row that a turn brought is its run's for good once its update has returned, not when it is on record."""

import pytest

from store import turns
from store.database import Database
from store.delivery import Mark, conclude, confirm, take_left, unsent
from store.inbox import Accepted
from store.turns import Row
from tests.store.made import WORKSPACE, accepted, fates, message

pytestmark = pytest.mark.real


async def on_record(db: Database, key: str, *, hold: float = 6) -> Accepted:
    """A row that a flush has marked, in a task of which nothing else is known."""
    row = await accepted(db, message(key), claim_seconds=0, hold_seconds=hold)
    marked = "UPDATE inbound_events SET state = 'consumed', how = 'answer', consumed_at = now() WHERE id = $1"
    await db.execute(marked, row.id)
    return row


async def seqs(db: Database, lane: str) -> list[int]:
    """Of what is delivered next."""
    batch = await unsent(db, WORKSPACE, lane)
    assert batch
    return [input.seq for input in batch.inputs]


async def test_a_row_on_record_goes_ahead_of_the_next_until_it_is_confirmed(db: Database) -> None:
    first = await on_record(db, "1")
    second = await accepted(db, message("2"), claim_seconds=0)
    assert second.batch is None, "it is not alone"
    assert await seqs(db, first.lane) == [1, 2]
    batch = await turns.undelivered(db, Row(WORKSPACE, second.id, 2, second.lane))
    assert batch
    assert [input.seq for input in batch.inputs] == [1, 2]
    await confirm(db, [(WORKSPACE, first.id)])
    assert await seqs(db, first.lane) == [2]
    assert await fates(db) == [(1, "consumed", "answer"), (2, "received", None)]


async def test_a_row_that_came_by_signal_is_in_the_history_before_it_is_on_record(db: Database) -> None:
    first = await on_record(db, "1", hold=0)
    await accepted(db, message("2"))
    assert await seqs(db, first.lane) == [2]


async def test_a_turn_alone_does_not_bring_its_own_row_twice(db: Database) -> None:
    row = await on_record(db, "1")
    batch = await turns.undelivered(db, Row(WORKSPACE, row.id, 1, row.lane))
    assert batch
    assert [input.seq for input in batch.inputs] == [1]


async def test_what_nobody_waits_for_any_more_is_the_relays_and_stays_on_record(db: Database) -> None:
    await on_record(db, "1")
    assert await take_left(db, 5) == []
    await db.execute("UPDATE inbound_events SET consumed_at = now() - interval '20 s', relay_after = now()")
    ((_, lane),) = await take_left(db, 5)
    batch = await unsent(db, WORKSPACE, lane)
    assert batch
    assert await conclude(db, batch, [Mark(1, "handed")])
    assert await fates(db) == [(1, "consumed", "answer")]
    assert await take_left(db, 5) == []
    assert await seqs(db, lane) == []


@pytest.mark.parametrize("mark", [Mark(1, "consumed", "unread_at_end"), Mark(1, "ignored", "sent_home")])
async def test_whatever_is_found_of_it_it_is_sent_once(db: Database, mark: Mark) -> None:
    row = await on_record(db, "1")
    await db.execute("UPDATE inbound_events SET relay_after = now()")
    batch = await unsent(db, WORKSPACE, row.lane)
    assert batch
    await conclude(db, batch, [mark])
    assert await fates(db) == [(1, "consumed", "answer")]
    assert await seqs(db, row.lane) == []


async def test_a_row_that_is_confirmed_before_it_is_on_record_was_handed(db: Database) -> None:
    row = await accepted(db, message("1"), claim_seconds=0, hold_seconds=6)
    await confirm(db, [(WORKSPACE, row.id), (WORKSPACE, row.id), ("other", row.id)])
    assert await fates(db) == [(1, "handed", None)]
    assert await db.fetchval("SELECT sends FROM inbound_events WHERE handed_at IS NOT NULL") == 1
    await confirm(db, [(WORKSPACE, row.id)])
    assert await db.fetchval("SELECT sends FROM inbound_events") == 1
