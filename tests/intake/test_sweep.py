"""Executions whose run is gone are ended; those that only wait are left alone."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from intake.gateway import Gateway, Unreachable
from intake.sweep import Sweep
from store.doubts import doubtful
from tests.intake.office import Office
from tests.intake.probe import Probe
from tests.store.made import message
from tests.waiting import until

pytestmark = pytest.mark.real


async def running(office: Office, address: str, status: str = "running") -> str:
    """A run that has recorded its first row and been silent since; its execution's id."""
    row = await office.arrive(message(address, address=address))
    await office.recorded(row.lane, row.id, 1, "running")
    await office.db.execute(
        "UPDATE executions SET status = $1, updated_at = now() - interval '10 min' WHERE id = $2",
        status,
        row.id,
    )
    return row.id


async def statuses(office: Office) -> list[str]:
    """Of every execution, oldest first."""
    return [row[0] for row in await office.db.fetch("SELECT status FROM executions ORDER BY id")]


async def test_a_run_that_is_gone_is_ended_and_its_lane_free(office: Office) -> None:
    await office.publish(event="message_created")
    gone, alive = await running(office, "1"), await running(office, "2")
    await office.run("1").terminate()
    assert await Sweep(office.db, office.gateway).once() == 1
    assert await statuses(office) == ["terminated", "running"]
    held = await office.db.fetch("SELECT execution_id FROM lanes ORDER BY created_at")
    assert [row[0] for row in held] == [None, alive]
    assert gone != alive


async def test_a_start_that_never_was_is_ended_in_time(office: Office) -> None:
    await office.publish(event="message_created")
    await running(office, "1", "starting")
    await office.db.execute("UPDATE executions SET workflow_id = 'nowhere'")
    await Sweep(office.db, office.gateway).once()
    assert await statuses(office) == ["terminated"]


async def test_who_waits_is_asked_about_after_its_deadline_or_once_a_day(office: Office) -> None:
    await office.publish(event="message_created")
    quiet, late, old = [await running(office, address, "waiting_input") for address in "123"]
    await office.db.execute(
        "UPDATE executions SET waiting = jsonb_build_object('deadline', now() - interval '6 min')"
        " WHERE id = $1",
        late,
    )
    await office.db.execute(
        "UPDATE executions SET updated_at = now() - interval '25 hours' WHERE id = $1", old
    )
    assert {one.id for one in await doubtful(office.db)} == {late, old}
    assert await doubtful(office.db) == []
    assert quiet


async def test_no_more_than_so_many_are_asked_about_in_a_minute(
    office: Office,
) -> None:
    await office.publish(event="message_created")
    for address in "123":
        await running(office, address)
    assert len(await doubtful(office.db, 2)) == 2
    assert await doubtful(office.db, 2) == []
    await office.db.execute(
        "UPDATE executions SET checked_at = now() - interval '2 min' WHERE checked_at IS NOT NULL"
    )
    assert len(await doubtful(office.db, 2)) == 1


LONG_AGO = "UPDATE inbound_events SET handed_at = now() - interval '6 min'"


async def test_rows_handed_to_a_run_of_which_nothing_was_recorded_come_again(office: Office) -> None:
    """It was ended by somebody else before its first flush: only the lane knows of it."""
    await office.publish(event="message_created")
    await office.arrive(message("a"))
    await office.run().terminate()
    await office.db.execute(LONG_AGO)
    await Sweep(office.db, office.gateway).once()
    assert await office.fates() == [(1, "received", None)]
    assert await office.db.fetchval("SELECT execution_id FROM lanes") is None


async def test_rows_handed_after_the_last_word_of_a_run_come_again_and_those_before_are_over(
    office: Office,
) -> None:
    await office.publish(event="message_created")
    first = await office.arrive(message("a"), message("b"), message("stop", "stop"))
    await office.run().result()
    execution = str((await office.lane(first.lane)).execution_id)
    await office.recorded(first.lane, execution, 2)
    await office.db.execute("UPDATE inbound_events SET state = 'handed', how = NULL")
    await office.db.execute(LONG_AGO)
    await Sweep(office.db, office.gateway).once()
    assert [state for _, state, _ in await office.fates()] == ["consumed", "consumed", "received"]


async def test_rows_of_a_run_that_nobody_has_come_to_yet_are_left_with_it(office: Office) -> None:
    """No worker was there since it started."""
    await office.publish(event="message_created")
    row = await office.arrive(message("a"))
    await office.db.execute(LONG_AGO)
    await Sweep(office.db, office.gateway).once()
    assert await office.fates() == [(1, "handed", None)]
    assert (await office.lane(row.lane)).execution_id == row.id


async def test_rows_handed_just_now_are_nobodys_concern(office: Office) -> None:
    await office.publish(event="message_created")
    await office.arrive(message("a"))
    await office.run().terminate()
    await Sweep(office.db, office.gateway).once()
    assert await office.fates() == [(1, "handed", None)]


async def test_dead_letters_raise_the_alarm_when_there_are_more(office: Office) -> None:
    for key in "abc":
        await office.accept(message(key))
    sweep, told = Sweep(office.db, office.gateway), list[list[tuple[str, int]]]()
    for seq, reason in [(1, "undelivered"), (2, "INBOX_OVERFLOW"), (3, "INBOX_OVERFLOW"), (0, "none")]:
        await office.db.execute(
            "UPDATE inbound_events SET state = 'dead', how = $2 WHERE seq = $1", seq, reason
        )
        with structlog.testing.capture_logs() as logged:
            stop = asyncio.Event()
            running = asyncio.create_task(sweep.run(stop))
            await until(lambda: office.db.fetchval("SELECT true"))
            stop.set()
            await running
        told.append([(line["reason"], line["count"]) for line in logged if line["log_level"] == "error"])
    assert told == [[("undelivered", 1)], [("INBOX_OVERFLOW", 1)], [("INBOX_OVERFLOW", 2)], []]


async def over(office: Office, seconds: float, execution: str) -> None:
    """The time of a session is up, so many seconds from now."""
    up = "UPDATE executions SET expires_at = now() + $1, first_run_id = NULL WHERE id = $2"
    await office.db.execute(up, timedelta(seconds=seconds), execution)


async def test_a_run_whose_time_is_up_is_told_once_for_each_time_that_was_set(office: Office) -> None:
    await office.publish(event="message_created")
    late, early = await running(office, "1"), await running(office, "2")
    sweep = Sweep(office.db, office.gateway)
    await over(office, 3600, early)
    await over(office, -1, late)
    assert [await sweep.expire() for _ in range(2)] == [1, 1]
    await over(office, -2, late)
    assert await sweep.expire() == 1
    assert await office.run("1").query(Probe.commanded) == ["expire", "expire"]
    assert await office.run("2").query(Probe.commanded) == []


async def test_a_run_that_is_gone_keeps_no_other_from_being_told(office: Office) -> None:
    await office.publish(event="message_created")
    for address in "12":
        await over(office, -1, await running(office, address))
    await office.run("1").terminate()
    assert await Sweep(office.db, office.gateway).expire() == 1
    assert await office.run("2").query(Probe.commanded) == ["expire"]


async def test_while_temporal_is_away_nobody_is_told_and_nothing_is_lost(office: Office) -> None:
    class Away(Gateway):
        async def control(self, *_: object) -> bool:
            raise Unreachable("no answer")

    await office.publish(event="message_created")
    await over(office, -1, await running(office, "1"))
    assert await Sweep(office.db, Away(office.db, office.client)).expire() == 0
    assert await Sweep(office.db, office.gateway).expire() == 1
