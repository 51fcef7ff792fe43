"""Top-ups and payments against the emulated provider: once, or honestly unknown."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.attempts import entry_of
from dsl.messages import Report, Scene
from dsl.plan import Options
from emulators.africastalking.domain import customer
from store import ledger
from store.database import Database
from tests.activities.phones import ASHA, AT, QUICK, Desk, effect, opened_desk

pytestmark = pytest.mark.real
TOP_UP: dict[str, Any] = {"phone": ASHA, "amount": 50, "currency": "KES"}
PAY: dict[str, Any] = {"phone": ASHA, "amount": 500, "currency": "KES"}
AIRTIME, CHECKOUT, REFUND = "/airtime/send", "/mobile/checkout", "/mobile/b2c"


@pytest.fixture
async def desk(db: Database, scene: Scene) -> AsyncIterator[Desk]:
    async with opened_desk(db, scene) as opened:
        yield opened


def exit_of(report: Report) -> str:
    assert report.outcome is not None
    return report.outcome.exit


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
async def test_a_top_up_whose_answer_got_lost_is_asked_for_again_under_its_key_and_made_once(
    desk: Desk, fault: str
) -> None:
    desk.fails(fault, AIRTIME)
    report = await desk.do("send_airtime", **TOP_UP)
    assert (report.state, exit_of(report), report.attempt) == ("done", "sent", 2)
    keys = [line["idempotency_key"] for line in desk.asked(AIRTIME)]
    assert keys == [f"{desk.scene.execution_id}:it:1:1"] * 2
    assert len(desk.emulator.state.airtime) == 1
    [made] = desk.emulator.state.airtime
    row = await desk.ledger()
    assert (row["state"], row["provider"], row["provider_ref"]) == ("done", "africastalking", f"{AT}:{made}")


async def test_where_the_provider_does_not_answer_a_known_key_the_end_is_unknown(
    db: Database, scene: Scene
) -> None:
    async with opened_desk(db, scene, repeated_key="duplicate") as desk:
        desk.fails("drop_after", AIRTIME)
        report = await desk.do("send_airtime", **TOP_UP)
        assert (report.state, len(desk.asked(AIRTIME))) == ("unknown", 2)
        assert len(desk.emulator.state.airtime) == 1


async def test_where_the_providers_keys_are_not_trusted_a_lost_answer_is_unknown(
    db: Database, scene: Scene
) -> None:
    async with opened_desk(db, scene, keyed=False) as desk:
        desk.fails("drop_after", AIRTIME)
        report = await desk.do("send_airtime", **TOP_UP)
        assert (report.state, len(desk.asked(AIRTIME))) == ("unknown", 1)


async def test_tries_that_reach_nobody_after_a_lost_answer_leave_it_unknown(desk: Desk) -> None:
    desk.fails("drop_after", AIRTIME)
    desk.fails("throttle", AIRTIME, times=9)
    report = await desk.do("send_airtime", options=Options(attempts=3, **QUICK), **TOP_UP)
    assert (report.state, report.attempt) == ("unknown", 3)
    assert len(desk.emulator.state.airtime) == 1


async def test_a_refusal_after_a_lost_answer_leaves_it_unknown(desk: Desk) -> None:
    desk.fails("drop_after", AIRTIME)
    desk.fails("error", AIRTIME, param=403)
    assert (await desk.do("send_airtime", **TOP_UP)).state == "unknown"
    assert len(desk.emulator.state.airtime) == 1


async def test_a_top_up_that_surely_never_reached_the_provider_fails_when_its_tries_are_used_up(
    desk: Desk,
) -> None:
    desk.fails("throttle", AIRTIME, times=9)
    report = await desk.do("send_airtime", options=Options(attempts=2, **QUICK), **TOP_UP)
    assert (report.state, exit_of(report)) == ("failed", "error")


async def test_a_top_up_that_is_refused_leaves_by_failed(desk: Desk) -> None:
    report = await desk.do("send_airtime", **{**TOP_UP, "amount": 1})
    assert report.outcome is not None
    assert (report.state, report.outcome.exit) == ("done", "failed")
    assert report.outcome.value["code"] == "INVALID_AMOUNT"


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
async def test_a_payment_whose_answer_got_lost_is_unknown_and_nobody_is_asked_twice(
    desk: Desk, fault: str
) -> None:
    desk.fails(fault, CHECKOUT)
    assert (await desk.do("request_payment", **PAY)).state == "unknown"
    assert (await desk.do("request_payment", **PAY)).state == "unknown"
    assert len(desk.asked(CHECKOUT)) == len(desk.emulator.state.payments) == 1


async def test_a_payment_is_asked_for_and_how_it_stands_is_found_by_its_id(desk: Desk) -> None:
    asked = await desk.do("request_payment", **PAY)
    assert asked.outcome is not None
    assert (asked.outcome.exit, asked.outcome.value["awaited"]) == ("asked", True)
    id = asked.outcome.value["id"]
    row = await desk.ledger()
    assert (row["provider"], row["provider_ref"]) == ("africastalking", f"{AT}:{id}")
    assert exit_of(await desk.do("request_payment", "later", transactionId=id, **PAY)) == "expired"
    await customer.perform(desk.emulator, customer.Action(action="pay", id=id))
    assert exit_of(await desk.do("request_payment", "after", transactionId=id, **PAY)) == "paid"
    assert await desk.ledger("after") == {}


@pytest.mark.parametrize(
    ("kind", "args", "path"), [("send_airtime", TOP_UP, AIRTIME), ("request_payment", PAY, CHECKOUT)]
)
async def test_money_that_a_lost_task_may_have_moved_is_not_moved_again_for_another_amount(
    desk: Desk, kind: str, args: dict[str, Any], path: str
) -> None:
    await desk.do(kind, **args)
    assert (await desk.do(kind, **{**args, "amount": 70})).state == "unknown"
    assert (await desk.do(kind, **{**args, "amount": 70})).state == "unknown"
    assert len(desk.asked(path)) == 1


async def test_nor_by_the_worker_that_comes_after_one_that_died_in_doubt(desk: Desk) -> None:
    await desk.do("send_airtime", **TOP_UP)
    other = entry_of(effect("send_airtime", **{**TOP_UP, "amount": 70}))
    await ledger.take(desk.db, desk.scene.workspace, desk.scene.execution_id, other, 0)
    assert (await desk.do("send_airtime", **{**TOP_UP, "amount": 70})).state == "unknown"
    assert len(desk.asked(AIRTIME)) == 1
