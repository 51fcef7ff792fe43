"""What is accepted is kept once, in order, by PostgreSQL's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dsl.messages import CloseWait
from store import inbox
from store.database import Database
from store.delivery import unsent
from store.inbox import ClockBehind, accepted_until
from store.lanes import lane_of, open_lane
from tests.store.made import CONNECTION, WORKSPACE, accepted, fates, held_up, message

pytestmark = pytest.mark.real


async def test_fifty_writers_at_once_get_seqs_in_the_order_of_their_acceptance(db: Database) -> None:
    every = await asyncio.gather(*(accepted(db, message(str(n))) for n in range(50)))
    rows = await db.fetch("SELECT seq, accepted_at FROM inbound_events ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, 51))
    assert [row["accepted_at"] for row in rows] == sorted(row["accepted_at"] for row in rows)
    assert sum(one.claimed for one in every) == 1
    assert len({one.lane for one in every}) == 1


async def test_a_row_that_can_be_seen_has_no_lower_seq_to_come(db: Database) -> None:
    lane = (await accepted(db, message("0"))).lane
    seen: list[list[int]] = []

    async def look() -> None:
        while not seen or len(seen[-1]) < 41:
            batch = await unsent(db, WORKSPACE, lane)
            assert batch
            seen.append([input.seq for input in batch.inputs])

    await asyncio.gather(look(), *(accepted(db, message(str(n))) for n in range(1, 41)))
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in seen)


async def test_fifty_copies_at_once_are_one_row_and_take_no_seq(db: Database) -> None:
    copies = await asyncio.gather(*(accepted(db, message("same")) for _ in range(50)))
    after = await accepted(db, message("next"))
    assert len({one.id for one in copies}) == 1
    assert sum(not one.duplicate for one in copies) == 1
    assert {one.seq for one in copies} == {1}
    assert after.seq == 2


async def test_copies_that_look_before_any_of_them_is_written_are_one_row(db: Database) -> None:
    await accepted(db, message("before"))
    async with db.transaction() as held:
        await held.fetch("SELECT FROM lanes FOR UPDATE")
        copies = [asyncio.create_task(accepted(db, message("same"))) for _ in range(8)]
        await held_up(held, 8)
    assert sorted(one.duplicate for one in await asyncio.gather(*copies)) == [False, *[True] * 7]
    assert (await accepted(db, message("next"))).seq == 3


async def test_a_late_copy_is_told_apart_and_claims_nothing(db: Database) -> None:
    first = await accepted(db, message("a"))
    await db.execute("UPDATE lanes SET claimed_until = NULL")
    copy = await accepted(db, message("a"))
    assert (copy.id, copy.seq, copy.duplicate, copy.claimed) == (first.id, 1, True, False)
    assert await db.fetchval("SELECT claimed_until FROM lanes") is None


async def test_the_same_key_on_another_connection_or_workspace_is_another_event(db: Database) -> None:
    here = await accepted(db, message("a"))
    there = await inbox.accept(db, WORKSPACE, "chatwoot-2", message("a"))
    elsewhere = await inbox.accept(db, "other", CONNECTION, message("a"))
    assert not there.duplicate
    assert not elsewhere.duplicate
    assert len({here.lane, there.lane, elsewhere.lane}) == 3


async def test_a_lane_is_named_by_workspace_connection_and_address(db: Database) -> None:
    one = await accepted(db, message("a", inbox_id=3, conversation={"status": "pending"}))
    lane = await lane_of(db, WORKSPACE, one.lane)
    assert lane
    assert lane.workflow_id == "acme/chatwoot-1/7"
    assert (lane.owner, lane.next_seq, lane.inbox_id, lane.with_bot) == ("bot", 2, 3, True)
    assert await lane_of(db, "other", one.lane) is None
    assert await open_lane(db, WORKSPACE, CONNECTION, "7") == lane


async def test_many_who_open_one_lane_open_the_same(db: Database) -> None:
    opened = await asyncio.gather(*(open_lane(db, WORKSPACE, "api", "x", workflow_id="w") for _ in range(10)))
    assert len({lane.id for lane in opened}) == 1
    assert opened[0].workflow_id == "w"


async def test_time_never_goes_back_on_a_lane(db: Database) -> None:
    first = await accepted(db, message("a"))
    ahead = first.accepted_at + timedelta(hours=1)
    await db.execute("UPDATE lanes SET last_accepted_at = $1", ahead)
    assert (await accepted(db, message("b"))).accepted_at == ahead


async def test_no_row_holds_its_lane_for_longer_than_a_synchronous_turn_takes(db: Database) -> None:
    await accepted(db, message("a"), hold_seconds=3600)
    held = "SELECT extract(epoch FROM relay_after - accepted_at)::int FROM inbound_events"
    assert await db.fetchval(held) == 6


async def test_text_that_postgresql_refuses_is_kept_as_far_as_it_can_be(db: Database) -> None:
    one = await accepted(db, message("a\0", "x\0y \ud800 \\u0000", value={"\0": ["\0", 1.5, None]}))
    batch = await unsent(db, WORKSPACE, one.lane)
    assert batch
    event = batch.inputs[0].event
    assert event
    assert (event.text, event.value) == ("xy  \\u0000", {"": ["", 1.5, None]})


async def test_a_closed_wait_gives_exactly_what_was_accepted_by_the_deadline(db: Database) -> None:
    rows = [await accepted(db, message(str(n))) for n in range(4)]
    wait = CloseWait(workspace=WORKSPACE, lane=rows[0].lane, deadline=rows[2].accepted_at, last_seq=1)
    closed = await accepted_until(db, wait)
    assert [input.seq for input in closed.inputs] == [2, 3]
    assert not closed.more


async def test_what_comes_after_a_wait_was_closed_is_later_than_its_deadline(db: Database) -> None:
    """Whatever the writers' clocks say: none may slip in behind the reader's back."""
    lane = (await accepted(db, message("0"))).lane
    deadline = datetime.now(UTC) + timedelta(milliseconds=60)

    async def write(n: int) -> None:
        await asyncio.sleep(n / 400)
        await accepted(db, message(str(n)))

    writers = [asyncio.create_task(write(n)) for n in range(1, 50)]
    closed = await accepted_until(
        db, CloseWait(workspace=WORKSPACE, lane=lane, deadline=deadline, last_seq=0)
    )
    await asyncio.gather(*writers)
    by_then = await db.fetchval("SELECT count(*) FROM inbound_events WHERE accepted_at <= $1", deadline)
    assert len(closed.inputs) == by_then
    assert 0 < by_then < 50


async def test_closing_a_wait_waits_for_the_databases_own_clock(db: Database) -> None:
    lane = (await accepted(db, message("0"))).lane
    now = await db.fetchval("SELECT clock_timestamp()")
    deadline = now + timedelta(milliseconds=80)
    await accepted_until(db, CloseWait(workspace=WORKSPACE, lane=lane, deadline=deadline, last_seq=0))
    assert await db.fetchval("SELECT clock_timestamp() > $1", deadline)
    # A writer that read the clock before, and gets the lane's lock only now, must read it again.
    assert await db.fetchval("SELECT last_accepted_at > $1 FROM lanes", deadline)


async def test_a_deadline_far_ahead_of_the_database_is_refused(db: Database) -> None:
    lane = (await accepted(db, message("0"))).lane
    deadline = datetime.now(UTC) + timedelta(minutes=5)
    with pytest.raises(ClockBehind):
        await accepted_until(db, CloseWait(workspace=WORKSPACE, lane=lane, deadline=deadline, last_seq=0))


async def test_a_closed_wait_comes_in_pages(db: Database) -> None:
    lane = ""
    for n in range(51):
        lane = (await accepted(db, message(str(n)))).lane
    deadline = await db.fetchval("SELECT max(accepted_at) FROM inbound_events")
    wait = CloseWait(workspace=WORKSPACE, lane=lane, deadline=deadline, last_seq=0)
    first = await accepted_until(db, wait)
    second = await accepted_until(db, wait.model_copy(update={"last_seq": first.inputs[-1].seq}))
    assert (len(first.inputs), first.more, len(second.inputs), second.more) == (50, True, 1, False)


async def test_a_row_this_release_cannot_read_is_an_input_without_event(db: Database) -> None:
    one = await accepted(db, message("a"))
    await db.execute('UPDATE inbound_events SET event = \'{"from": "the future"}\'')
    batch = await unsent(db, WORKSPACE, one.lane)
    assert batch
    assert [(input.id, input.event) for input in batch.inputs] == [(one.id, None)]
    assert await fates(db) == [(1, "received", None)]
