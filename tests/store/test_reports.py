"""A report is kept once, told again where it was not believed, and taken up by one at a time."""

import asyncio
from typing import Any

import pytest

from store import ledger, reports
from store.database import Database
from store.ids import new_id
from store.ledger import Entry
from store.record import apply
from store.reports import Kept
from tests.store.made import CONNECTION, WORKSPACE, accepted, flush, line, message, scene

pytestmark = pytest.mark.real

KEY, REF = "dlr:ATXid_1:Success", "ATXid_1"


async def told(db: Database, status: str = "Success", key: str = KEY) -> Kept | None:
    """A report, as it comes."""
    return await reports.accept(db, WORKSPACE, CONNECTION, key, "delivery", REF, {"status": status})


async def kept(db: Database, **how: str) -> Kept:
    found = await told(db, **how)
    assert found
    return found


async def retried(db: Database, seconds: float = 0) -> None:
    await db.execute("UPDATE reports SET retry_at = now() - make_interval(secs => $1)", seconds)


async def standing(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await db.fetch("SELECT state, how, report FROM reports")]


async def test_a_report_that_was_believed_is_not_taken_in_again(db: Database) -> None:
    first = await kept(db)
    assert await reports.settle(db, first, "applied")
    assert await told(db) is None
    assert await standing(db) == [("settled", "applied", {"status": "Success"})]


@pytest.mark.parametrize("how", ["refused", "unknown_effect"])
async def test_what_was_not_believed_is_looked_at_anew_when_it_is_told_again(db: Database, how: Any) -> None:
    first = await kept(db, status="Failed")
    await reports.settle(db, first, how)
    again = await kept(db, status="Success")
    assert (again.id, again.report) == (first.id, {"status": "Success"})
    assert await standing(db) == [("received", None, {"status": "Success"})]


async def test_what_came_of_an_older_telling_does_not_end_the_newer_one(db: Database) -> None:
    first = await kept(db, status="Failed")
    again = await kept(db, status="Success")
    assert not await reports.settle(db, first, "refused")
    assert await reports.settle(db, again, "applied")


async def test_of_many_who_look_one_takes_a_report_and_only_when_its_taker_had_time(db: Database) -> None:
    await kept(db)
    assert await reports.due(db, 10) == [], "whoever took it in routes it first"
    await retried(db)
    found = await asyncio.gather(*(reports.due(db, 10) for _ in range(8)))
    assert [one.ref for some in found for one in some] == [REF]


async def test_a_report_is_tried_again_later_and_later_and_not_for_ever(db: Database) -> None:
    one = await kept(db)
    waits = []
    for age in (0, 8, 30, 500):
        await db.execute("UPDATE reports SET accepted_at = now() - make_interval(secs => $1)", age)
        [at] = await db.fetchrow("SELECT accepted_at FROM reports")
        assert not await reports.put_off(db, one._replace(accepted_at=at), reports.KEPT_SECONDS)
        waits.append(float(await db.fetchval("SELECT extract(epoch FROM retry_at - now()) FROM reports")))
    assert [round(wait) for wait in waits] == [0, 8, 30, 60]
    await db.execute("UPDATE reports SET accepted_at = now() - interval '601 s'")
    [at] = await db.fetchrow("SELECT accepted_at FROM reports")
    assert await reports.put_off(db, one._replace(accepted_at=at), reports.KEPT_SECONDS)


async def test_an_effect_is_found_by_the_providers_id_with_the_lane_of_its_execution(db: Database) -> None:
    row = await accepted(db, message("1"))
    where = scene(row.lane, new_id())
    await ledger.begin(db, WORKSPACE, where.execution_id, [Entry("pay", 2, 1, "request_payment", "d")], 5)
    outcome = {"exit": "paid", "value": {"id": REF, "awaited": True}}
    await ledger.settle(
        db, WORKSPACE, where.execution_id, "pay", 2, 1, 1,
        state="done", outcome=outcome, provider="africastalking", provider_ref=f"at:{REF}",
    )  # fmt: skip
    unknown = await reports.subject(db, WORKSPACE, "africastalking", f"at:{REF}")
    assert unknown
    assert (unknown.lane, unknown.awaited, unknown.over) == (None, True, False)
    await apply(db, flush(where, status="waiting_time"))
    seen = await reports.subject(db, WORKSPACE, "africastalking", f"at:{REF}")
    assert seen
    assert (seen.node, seen.visit, seen.number, seen.kind) == ("pay", 2, 1, "request_payment")
    assert (seen.lane, seen.connection, seen.address, seen.left_by) == (row.lane, CONNECTION, "7", None)
    await apply(db, flush(where, line(1, "pay", visit=2, exit="expired"), at=1))
    gone = await reports.subject(db, WORKSPACE, "africastalking", f"at:{REF}")
    assert gone
    assert (gone.left_by, gone.over) == ("expired", False)
    assert await reports.subject(db, "another", "africastalking", f"at:{REF}") is None


async def test_two_who_note_a_report_do_not_overwrite_each_other(db: Database) -> None:
    execution = new_id()
    await ledger.begin(db, WORKSPACE, execution, [Entry("sms", 1, 1, "send_sms", "d")], 5)
    await ledger.settle(
        db, WORKSPACE, execution, "sms", 1, 1, 1,
        state="done", outcome={"value": {}}, provider="africastalking", provider_ref=REF,
    )  # fmt: skip
    seen = await reports.subject(db, WORKSPACE, "africastalking", REF)
    assert seen
    assert await reports.write(db, WORKSPACE, seen, {"raw": "Sent"})
    assert not await reports.write(db, WORKSPACE, seen, {"raw": "Failed"})
    again = await reports.subject(db, WORKSPACE, "africastalking", REF)
    assert again
    assert again.report == {"raw": "Sent"}
    assert await reports.write(db, WORKSPACE, again, {"raw": "Success"})
