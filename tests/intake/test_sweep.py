"""Executions whose run is gone are ended; those that only wait are left alone."""

import pytest

from intake.sweep import Sweep
from store.doubts import doubtful
from tests.intake.office import Office
from tests.store.made import message

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
