"""Payments on real parts: the right exit each time, nobody charged twice, and no forged notice believed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dsl.messages import ENDED
from emulators.africastalking.faults import FaultSpec
from tests.system.town import ASHA, SECRET, Town, opened_town
from wiring.embedded.temporal import Temporal

pytestmark = pytest.mark.real

ENDS = ("paid", "failed", "expired", "unknown", "error")


def pay(timeout: str = "60s", **more: Any) -> dict[str, Any]:
    """A flow that asks for money and ends as the node was left."""
    config = {"amount": 500, "currency": "KES", "phone": ASHA, "timeout": timeout, **more}
    return {
        "id": "pay",
        "name": "Pay",
        "trigger": {"event": "api"},
        "settings": {"sessionTtl": "1h"},
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "ask", "type": "request_payment", "config": config},
            *({"id": f"is-{exit}", "type": "end", "config": {"outcome": exit}} for exit in ENDS),
        ],
        "edges": [
            {"from": "start", "to": "ask"},
            *({"from": "ask", "exit": exit, "to": f"is-{exit}"} for exit in ENDS),
        ],
    }


TOP_UP: dict[str, Any] = {
    "id": "top-up",
    "name": "Top up",
    "trigger": {"event": "api"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "send_airtime", "config": {"phone": ASHA, "amount": 50, "currency": "KES"}},
        {"id": "end", "type": "end"},
    ],
    "edges": [{"from": "start", "to": "ask"}, {"from": "ask", "to": "end"}],
}


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    async with opened_town(dsn, temporal.address) as opened:
        yield opened


async def prompted(town: Town) -> str:
    """The payment that the phone is asked for."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await town.phone().prompt()
            except LookupError:
                await asyncio.sleep(0.05)


async def begun(town: Town, **config: Any) -> str:
    await town.publish(pay(**config))
    await town.execute("pay")
    return await prompted(town)


async def report(town: Town) -> dict[str, Any]:
    """How the effect stands: its state in the ledger, and what was reported of it."""
    row = await town.house.db.fetchrow(
        "SELECT state, provider, report->>'status' AS status, report->>'raw' AS raw FROM effects"
    )
    return dict(row) if row else {}


async def until_reported(town: Town, raw: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            if (found := await report(town))["raw"] == raw:
                return found
            await asyncio.sleep(0.05)


async def until_settled(town: Town, how: str) -> None:
    """All notices of one status of one payment are one row, which each of them has looked at anew."""
    async with asyncio.timeout(20):
        while True:
            rows = await town.house.db.fetch("SELECT how FROM reports")
            if [row["how"] for row in rows] == [how]:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("act", "exit"), [("pay", "paid"), ("refuse", "failed"), ("expire", "failed")])
async def test_a_payment_ends_as_the_person_and_the_provider_say(town: Town, act: str, exit: str) -> None:
    await town.phone().act(act, id=await begun(town))
    assert (await town.ended())["completionReason"] == exit
    assert (await report(town))["provider"] == "africastalking"


async def test_money_that_comes_too_late_changes_no_exit_and_is_on_record(town: Town) -> None:
    id = await begun(town, timeout="2s")
    assert (await town.ended())["completionReason"] == "expired"
    await town.phone().act("pay", id=id)
    assert (await until_reported(town, "Success"))["state"] == "done"
    assert (await town.ended())["completionReason"] == "expired"


async def test_a_payment_whose_notice_got_lost_is_found_by_asking(town: Town) -> None:
    id = await begun(town, timeout="4s")
    lost = {"action": "drop", "match": {"channel": "payment"}}
    town.emulator.emulator.faults.add(FaultSpec.model_validate(lost))
    await town.phone().act("pay", id=id)
    assert (await town.ended())["completionReason"] == "paid"
    assert (await report(town))["raw"] is None


async def test_a_notice_forged_with_another_amount_is_refused_and_the_true_one_counts(town: Town) -> None:
    id = await begun(town)
    notice = {
        "transactionId": id,
        "category": "MobileCheckout",
        "provider": "Athena",
        "productName": "Duka",
        "sourceType": "PhoneNumber",
        "source": ASHA,
        "destinationType": "Wallet",
        "destination": "Duka",
        "value": "KES 5.0000",
        "status": "Success",
        "description": "Received",
    }
    async with httpx.AsyncClient(base_url=town.api.base_url) as stranger:
        path = f"/webhooks/africastalking/main/{SECRET}/payment"
        answer = await stranger.post(path, json=notice)
        assert answer.status_code == 200, answer.text
    await until_settled(town, "refused")
    assert [one["status"] for one in await town.executions() if one["status"] in ENDED] == []
    await town.phone().act("pay", id=id)
    assert (await town.ended())["completionReason"] == "paid"
    await until_settled(town, "applied")


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
async def test_nobody_is_asked_twice_where_the_answer_got_lost(town: Town, fault: str) -> None:
    lost = {"action": fault, "match": {"path": "/mobile/checkout"}}
    town.emulator.emulator.faults.add(FaultSpec.model_validate(lost))
    await town.publish(pay())
    await town.execute("pay")
    assert (await town.ended())["completionReason"] == "unknown"
    assert len(town.emulator.emulator.state.payments) == 1


async def test_a_top_up_whose_answer_got_lost_is_made_once_under_one_key(town: Town) -> None:
    lost = {"action": "drop_after", "match": {"path": "/airtime/send"}}
    town.emulator.emulator.faults.add(FaultSpec.model_validate(lost))
    await town.publish(TOP_UP)
    await town.execute("top-up")
    assert (await town.ended())["completionReason"] == "completed"
    assert len(town.emulator.emulator.state.airtime) == 1
    calls = [line for line in town.emulator.emulator.journal.after(0, 1_000) if line["kind"] == "api"]
    keys = [line["idempotency_key"] for line in calls if "/airtime/send" in line["route"]]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert (await until_reported(town, "Success"))["state"] == "done"
