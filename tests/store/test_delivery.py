"""One process delivers a lane at a time; whoever stops, another goes on where it was."""

import asyncio

import pytest

from store import delivery
from store.database import Database
from store.delivery import Mark, back_off, claim, conclude, resend, take_left, unsent
from store.lanes import lane_of, resolved_since, vacate
from store.record import apply
from tests.store.made import WORKSPACE, accepted, fates, flush, line, message, scene, status

pytestmark = pytest.mark.real


@pytest.fixture
async def other(dsn: str) -> Database:
    """Another process."""
    return await Database.open(dsn, size=2)


@pytest.fixture(autouse=True)
async def _closed(other: Database):  # type: ignore[no-untyped-def]
    yield
    await other.close()


async def test_a_lane_is_claimed_by_one_until_it_lets_go(db: Database, other: Database) -> None:
    lane = (await accepted(db, message("a"))).lane
    assert not await claim(other, WORKSPACE, lane)
    assert await claim(db, WORKSPACE, lane)
    batch = await unsent(db, WORKSPACE, lane)
    assert batch
    assert await conclude(db, batch, [Mark(1, "handed")])
    assert await claim(other, WORKSPACE, lane)
    assert not await claim(db, WORKSPACE, lane)


async def test_a_claim_runs_out(db: Database, other: Database) -> None:
    lane = (await accepted(db, message("a"), claim_seconds=0.01)).lane
    await asyncio.sleep(0.02)
    assert await take_left(other, 5) == [(WORKSPACE, lane)]
    assert not await claim(db, WORKSPACE, lane)


async def test_whoever_lost_a_lane_cannot_let_go_of_it(db: Database, other: Database) -> None:
    lane = (await accepted(db, message("a"), claim_seconds=0.01)).lane
    batch = await unsent(db, WORKSPACE, lane)
    assert batch
    await asyncio.sleep(0.02)
    assert await claim(other, WORKSPACE, lane)
    await conclude(db, batch, [Mark(1, "handed")])
    await back_off(db, WORKSPACE, lane)
    assert not await claim(db, WORKSPACE, lane)


async def test_a_lane_is_not_let_go_while_rows_came_meanwhile(db: Database) -> None:
    lane = (await accepted(db, message("a"))).lane
    batch = await unsent(db, WORKSPACE, lane)
    assert batch
    assert not (await accepted(db, message("b"))).claimed
    assert not await conclude(db, batch, [Mark(1, "handed")])
    rest = await unsent(db, WORKSPACE, lane)
    assert rest
    assert [row.seq for row in rest.inputs] == [2]
    assert await conclude(db, rest, [Mark(2, "handed")])


async def test_no_row_is_left_behind_between_a_look_and_letting_go(db: Database) -> None:
    """Either its acceptor claims the lane, or the one who lets go sees it."""
    for n in range(20):
        first = await accepted(db, message(f"{n}a", address=str(n)))
        batch = await unsent(db, WORKSPACE, first.lane)
        assert batch
        let_go, second = await asyncio.gather(
            conclude(db, batch, [Mark(1, "handed")]), accepted(db, message(f"{n}b", address=str(n)))
        )
        assert second.claimed == let_go


async def test_a_batch_is_bounded_in_rows_and_bytes_and_never_empty(db: Database) -> None:
    for n in range(4):
        lane = (await accepted(db, message(str(n), "x" * 1000))).lane
    sizes = []
    for limit, max_bytes in [(2, 10**6), (50, 3000), (50, 1), (50, 10**6)]:
        batch = await unsent(db, WORKSPACE, lane, limit, max_bytes)
        assert batch
        sizes.append((len(batch.inputs), batch.whole))
    assert sizes == [(2, False), (2, False), (1, False), (4, True)]


async def test_a_long_text_is_cut_in_the_input_and_whole_in_the_inbox(db: Database) -> None:
    row = await accepted(db, message("a", "é" * 10_000))
    await accepted(db, message("b", "é" * 10_000, value="v"))
    await accepted(db, message("c", "é" * 8_192))
    batch = await unsent(db, WORKSPACE, row.lane)
    assert batch
    told = [(len(input.event.text or "") * 2, input.event.value) for input in batch.inputs if input.event]
    assert told == [(16 * 1024, {"textCut": True}), (16 * 1024, "v"), (16 * 1024, None)]
    assert await db.fetchval("SELECT length(event->>'text') FROM inbound_events ORDER BY seq") == 10_000


async def test_a_failed_lane_rests_longer_each_time_and_not_for_ever(db: Database) -> None:
    lane = (await accepted(db, message("a"))).lane
    rests = []
    for _ in range(9):
        await db.execute("UPDATE lanes SET claimed_by = $1", db.holder)
        await back_off(db, WORKSPACE, lane)
        left = "SELECT extract(epoch FROM claimed_until - clock_timestamp())::float8 FROM lanes"
        rests.append(round(await db.fetchval(left) + 0.2))
    assert rests == [1, 1, 2, 4, 8, 16, 30, 30, 30]
    assert await take_left(db, 5) == []
    assert not (await accepted(db, message("b"))).claimed


async def test_left_lanes_are_taken_oldest_first_and_each_once(db: Database, other: Database) -> None:
    lanes = [(await accepted(db, message(str(n), address=str(n)), claim_seconds=0)).lane for n in range(6)]
    taken = [await take_left(db, 2), *await asyncio.gather(take_left(db, 2), take_left(other, 2))]
    assert {lane for _, lane in taken[0]} == set(lanes[:2])
    assert sorted(lane for some in taken for _, lane in some) == sorted(lanes)
    assert await take_left(other, 9) == []


async def test_rows_a_waiting_run_never_saw_are_sent_again_and_in_the_end_given_up(db: Database) -> None:
    row = await accepted(db, message("a"))
    await apply(db, flush(scene(row.lane), line(1), status="waiting_input", last_seq=0))
    outcomes: list[tuple[int, list[tuple[str, int]]]] = []
    for _ in range(6):
        batch = await unsent(db, WORKSPACE, row.lane)
        assert batch
        await conclude(db, batch, [Mark(1, "handed")])
        outcomes.append(await resend(db))
        await db.execute("UPDATE inbound_events SET handed_at = handed_at - interval '1 hour'")
        outcomes.append(await resend(db))
    assert outcomes == [(0, []), (1, [])] * 5 + [(0, []), (0, [(row.lane, 1)])]
    assert await fates(db) == [(1, "dead", "undelivered")]


async def test_rows_a_run_has_seen_are_not_sent_again(db: Database) -> None:
    row = await accepted(db, message("a"))
    await apply(db, flush(scene(row.lane), line(1), status="waiting_input", last_seq=1))
    await db.execute(
        "UPDATE inbound_events SET state = 'handed', sends = 1, handed_at = now() - interval '1 hour'"
    )
    assert await resend(db) == (0, [])


async def test_a_vacated_lane_gives_back_what_its_run_never_saw(db: Database) -> None:
    rows = [await accepted(db, message(str(n))) for n in range(3)]
    await apply(db, flush(scene(rows[0].lane, rows[0].id), line(1), status="waiting_input", last_seq=2))
    await db.execute("UPDATE inbound_events SET state = 'handed' WHERE seq <> 1")
    lane = await lane_of(db, WORKSPACE, rows[0].lane)
    assert lane
    assert lane.execution_id
    await vacate(db, WORKSPACE, lane.id, lane.execution_id)
    assert [state for _, state, _ in await fates(db)] == ["consumed", "consumed", "received"]
    batch = await unsent(db, WORKSPACE, lane.id)
    assert batch
    assert batch.lane.execution_id is None
    found = batch.newest
    assert found
    assert (found.status, found.active, found.last_seq) == ("terminated", False, 2)


async def test_a_conversation_counts_as_resolved_until_the_next_run_begins(db: Database) -> None:
    await accepted(db, message("a"))
    row = await accepted(db, status("s", "resolved"))
    lane = await lane_of(db, WORKSPACE, row.lane)
    assert lane
    assert not await resolved_since(db, lane)
    await db.execute("UPDATE inbound_events SET state = 'consumed'")
    assert await resolved_since(db, lane)
    assert not await resolved_since(db, lane._replace(started_seq=2))


async def test_marks_never_overwrite_what_the_run_has_recorded(db: Database) -> None:
    row = await accepted(db, message("a"))
    batch = await unsent(db, WORKSPACE, row.lane)
    assert batch
    await db.execute("UPDATE inbound_events SET state = 'consumed', how = 'answer'")
    await conclude(db, batch, [Mark(1, "handed")])
    assert await fates(db) == [(1, "consumed", "answer")]


async def test_a_run_that_has_ended_already_does_not_occupy_the_lane(db: Database) -> None:
    row = await accepted(db, message("a"))
    batch = await unsent(db, WORKSPACE, row.lane)
    assert batch
    await apply(db, flush(scene(row.lane, row.id), line(1), status="completed", last_seq=1))
    await delivery.conclude(db, batch, [Mark(1, "handed")], started=batch.inputs[0])
    lane = await lane_of(db, WORKSPACE, row.lane)
    assert lane
    assert (lane.execution_id, lane.started_seq) == (None, 1)
