"""An address that leads to another lane while a run goes on there, and to its own again after that."""

import asyncio

import pytest

from store.addresses import Addresses, Pointed, led_by
from store.database import Database
from store.ids import new_id
from store.inbox import send_home
from store.lanes import lane_of, open_lane
from store.record import apply
from tests.store.made import CONNECTION, WORKSPACE, accepted, flush, held_up, line, message, scene

pytestmark = pytest.mark.real

FIRST, SECOND = "7", "8"


async def running(db: Database, address: str = FIRST) -> tuple[str, str]:
    """A lane and the run on it."""
    lane, run = (await open_lane(db, WORKSPACE, CONNECTION, address)).id, new_id()
    await apply(db, flush(scene(lane, run), line(1)))
    return lane, run


async def ended(db: Database, lane: str, run: str) -> None:
    """The run's last flush."""
    await apply(db, flush(scene(lane, run), line(1), line(2), at=1, status="completed", last_seq=1))


async def point(db: Database, lane: str, run: str) -> Pointed:
    """The second address led to a run's lane."""
    where = (WORKSPACE, CONNECTION, SECOND)
    return await Addresses(db).point(*where, lane=lane, execution_id=run)


async def settle(db: Database) -> None:
    """Every row has come to its end."""
    await db.execute("UPDATE inbound_events SET state = 'consumed'")


async def test_what_comes_to_a_second_address_goes_to_the_run_until_that_has_ended(db: Database) -> None:
    lane, run = await running(db)
    assert await point(db, lane, run) == "pointed"
    during = await accepted(db, message("a", address=SECOND))
    own = await accepted(db, message("b", address=FIRST))
    assert (during.lane, during.seq, own.lane, own.seq) == (lane, 1, lane, 2)
    await ended(db, lane, run)
    after = await accepted(db, message("c", address=SECOND))
    home = await lane_of(db, WORKSPACE, after.lane)
    assert home
    assert (home.address, home.is_conversation, after.seq) == (SECOND, True, 1)


async def test_the_lane_that_is_led_to_keeps_its_own_name(db: Database) -> None:
    lane, run = await running(db)
    await point(db, lane, run)
    found = await lane_of(db, WORKSPACE, lane)
    assert found
    assert (found.is_conversation, found.workflow_id) == (True, f"{WORKSPACE}/{CONNECTION}/{FIRST}")


async def test_leading_an_address_there_again_is_no_other_thing(db: Database) -> None:
    lane, run = await running(db)
    assert [await point(db, lane, run) for _ in range(2)] == ["pointed", "pointed"]
    assert await db.fetchval("SELECT count(*) FROM lanes") == 2


async def test_the_lanes_own_address_leads_there_as_it_is(db: Database) -> None:
    lane, run = await running(db, SECOND)
    assert await point(db, lane, run) == "pointed"
    assert await db.fetchval("SELECT points_to FROM lanes") is None


async def test_a_run_that_never_began_leads_an_address_for_a_minute_only(db: Database) -> None:
    lane, run = (await open_lane(db, WORKSPACE, CONNECTION, FIRST)).id, new_id()
    assert await point(db, lane, run) == "pointed"
    assert (await accepted(db, message("a", address=SECOND))).lane == lane
    await db.execute("UPDATE lanes SET points_at = now() - interval '61 s' WHERE points_to IS NOT NULL")
    assert (await accepted(db, message("b", address=SECOND))).lane != lane


async def test_an_address_with_a_run_of_its_own_is_busy_and_idle_when_that_has_ended(db: Database) -> None:
    lane, run = await running(db)
    other, others = await running(db, SECOND)
    assert await point(db, lane, run) == "busy"
    await ended(db, other, others)
    assert await point(db, lane, run) == "pointed"


async def test_an_address_that_a_run_is_just_started_at_is_busy(db: Database) -> None:
    lane, run = await running(db)
    home = await open_lane(db, WORKSPACE, CONNECTION, SECOND)
    await db.execute("UPDATE lanes SET execution_id = $1 WHERE id = $2", new_id(), home.id)
    assert await point(db, lane, run) == "busy"


async def test_an_address_on_which_a_human_has_the_word_is_busy(db: Database) -> None:
    lane, run = await running(db)
    home = await open_lane(db, WORKSPACE, CONNECTION, SECOND)
    await db.execute("UPDATE lanes SET owner = 'human' WHERE id = $1", home.id)
    assert await point(db, lane, run) == "busy"


async def test_an_address_with_a_row_that_nobody_has_delivered_cannot_be_told_yet(db: Database) -> None:
    lane, run = await running(db)
    await accepted(db, message("a", address=SECOND))
    assert await point(db, lane, run) == "unsettled"
    await settle(db)
    assert await point(db, lane, run) == "pointed"


async def test_a_run_that_has_ended_leads_no_address_anywhere(db: Database) -> None:
    """What a lost task of it still does changes nothing."""
    lane, run = await running(db)
    await ended(db, lane, run)
    await point(db, lane, run)
    assert (await accepted(db, message("a", address=SECOND))).lane != lane


async def test_of_two_runs_that_want_one_address_one_gets_it(db: Database, examples: int | None) -> None:
    for attempt in range(examples or 10):
        one, other = await running(db, f"1{attempt}"), await running(db, f"2{attempt}")
        home = await open_lane(db, WORKSPACE, CONNECTION, f"3{attempt}")
        where = (WORKSPACE, CONNECTION, home.address)
        asked = (Addresses(db).point(*where, lane=lane, execution_id=run) for lane, run in (one, other))
        assert sorted(await asyncio.gather(*asked)) == ["busy", "pointed"]
        won = await accepted(db, message(f"m{attempt}", address=home.address))
        assert won.lane in (one[0], other[0])
        assert await led_by(db, home) == {one[0]: one[1], other[0]: other[1]}[won.lane]


async def test_a_row_that_looked_its_lane_up_before_goes_where_the_address_leads_now(db: Database) -> None:
    """It waits for the lane's lock with what it saw; it must not come to a lane that nobody listens on."""
    lane, run = await running(db)
    home = await open_lane(db, WORKSPACE, CONNECTION, SECOND)
    async with db.transaction() as held:
        await held.execute("SELECT FROM lanes WHERE id = $1 FOR UPDATE", home.id)
        row = asyncio.create_task(accepted(db, message("a", address=SECOND)))
        await held_up(held)
        led = "UPDATE lanes SET points_to = $1, points_for = $2 WHERE id = $3"
        await held.execute(led, lane, run, home.id)
    assert ((await row).lane, (await row).seq) == (lane, 1)


async def test_a_row_is_sent_home_once(db: Database) -> None:
    lane, run = await running(db)
    await point(db, lane, run)
    late = await accepted(db, message("a", "TOPUP", address=SECOND))
    await ended(db, lane, run)
    for _ in range(2):
        await send_home(db, WORKSPACE, late.id)
    rows = await db.fetch("SELECT lane_id, seq, event->>'text' FROM inbound_events WHERE lane_id <> $1", lane)
    assert [tuple(row)[1:] for row in rows] == [(1, "TOPUP")]


async def test_a_row_and_a_run_that_want_one_address_at_once_meet(db: Database, examples: int | None) -> None:
    """Either the row was first and the run waits for what becomes of it, or it comes to the run."""
    for attempt in range(examples or 10):
        lane, run = await running(db, f"4{attempt}")
        address = f"5{attempt}"
        home = await open_lane(db, WORKSPACE, CONNECTION, address)
        led = Addresses(db).point(WORKSPACE, CONNECTION, address, lane=lane, execution_id=run)
        row, led_there = await asyncio.gather(accepted(db, message(f"m{attempt}", address=address)), led)
        assert (led_there, row.lane) in (("unsettled", home.id), ("pointed", lane))


async def test_a_run_that_ends_elsewhere_leaves_that_lane_to_the_human_it_handed_over_to(
    db: Database,
) -> None:
    lane, run = await running(db)
    await point(db, lane, run)
    there = scene(lane, run).but(conversation=SECOND)
    await apply(db, flush(there, line(1), line(2), at=1, status="running", owner="human"))
    home = await open_lane(db, WORKSPACE, CONNECTION, SECOND)
    assert home.owner == "bot"
    await apply(db, flush(there, line(1), line(2), line(3), at=2, status="completed", owner="human"))
    home = await open_lane(db, WORKSPACE, CONNECTION, SECOND)
    assert home.owner == "human"
