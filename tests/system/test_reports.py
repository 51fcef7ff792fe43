"""Reports on texts and money, from the network's callbacks to the exits of flows; and who wants no texts.

The network's clock runs ten times as fast as ours (`clock_scale`); the flows' own time-outs are real seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.system.town import ASHA, JUMA, SECRET, SHORT_CODE, Town, opened_town
from wiring.embedded.temporal import Temporal

pytestmark = pytest.mark.real


def waiting(kind: str, exits: list[str], **config: Any) -> dict[str, Any]:
    """A flow of one node, which has an end for every exit; the API starts it."""
    ends = [{"id": f"by-{exit}", "type": "end", "config": {"outcome": exit}} for exit in exits]
    return {
        "id": kind.replace("_", "-"),
        "name": kind,
        "trigger": {"event": "api"},
        "settings": {"sessionTtl": "1h"},
        "nodes": [{"id": "start", "type": "start"}, {"id": "it", "type": kind, "config": config}, *ends],
        "edges": [
            {"from": "start", "to": "it"},
            *({"from": "it", "exit": exit, "to": f"by-{exit}"} for exit in exits),
        ],
    }


SILENT = "+254700000113"
SURVEY: dict[str, Any] = {
    "id": "survey",
    "name": "Survey",
    "trigger": {"event": "sms_received", "keyword": "join"},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "question", "config": {"text": "Your name?", "saveTo": "name"}},
        {"id": "end", "type": "end"},
        {"id": "gone", "type": "end", "config": {"outcome": "refused"}},
    ],
    "edges": [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "end"},
        {"from": "ask", "exit": "error", "to": "gone"},
    ],
}


def texting(patience: str) -> dict[str, Any]:
    exits = ["sent", "delivered", "failed", "error"]
    text = "Your order is ready."
    return waiting("send_sms", exits, to="{{trigger.phone}}", message=text, waitForDelivery=patience)


def paying(timeout: str) -> dict[str, Any]:
    exits = ["paid", "failed", "expired", "error"]
    return waiting(
        "request_payment", exits, amount=500, currency="KES", phone="{{trigger.phone}}", timeout=timeout
    )


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    """A town where nothing is published."""
    async with opened_town(dsn, temporal.address, checkout_expiry=3_600.0) as opened:
        yield opened


async def until(holds: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(30):
        while not (found := await holds()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


async def fault(town: Town, **spec: Any) -> None:
    await town.network.request("POST", "/_control/faults", json=spec)


async def reported(town: Town) -> list[tuple[str, str | None]]:
    """(key, how) of every report that came."""
    rows = await town.house.db.fetch("SELECT dedupe_key, how FROM reports ORDER BY id")
    return [(row[0].partition(":")[0] + ":" + row[0].rpartition(":")[2], row[1]) for row in rows]


async def _came(town: Town, count: int) -> bool:
    return len(await reported(town)) == count


async def settled(town: Town, count: int) -> list[tuple[str, str | None]]:
    """The same, once there are so many and none is open."""

    async def done() -> list[tuple[str, str | None]]:
        found = await reported(town)
        return found if len(found) == count and all(how for _, how in found) else []

    found: list[tuple[str, str | None]] = await until(done)
    return found


async def noted(town: Town) -> list[str | None]:
    """What is on record of every effect."""
    return [row[0] for row in await town.house.db.fetch("SELECT report->>'raw' FROM effects ORDER BY id")]


async def prompt(town: Town, phone: str = ASHA) -> str:
    """The payment that a phone is asked for."""

    async def shown() -> str | None:
        try:
            return await town.phone(phone).prompt()
        except LookupError:
            return None

    found: str = await until(shown)
    return found


async def left_by(town: Town, execution: str) -> str:
    """The exit by which the flow's node was left, at the end."""
    await until(lambda: _ended(town, execution))
    return str(dict(await town.exits(execution))["it"])


async def _ended(town: Town, execution: str) -> bool:
    return any(one["id"] == execution and one["timings"]["completedAt"] for one in await town.executions())


async def test_texts_take_the_exit_of_what_became_of_them_and_silence_is_not_waited_for_for_ever(
    town: Town,
) -> None:
    await town.publish(texting("30s"))
    reports: dict[str, list[str]] = {
        ASHA: ["Sent", "Success"],
        JUMA: ["Sent", "Buffered", "Failed"],
        SILENT: [],
    }
    phones = [{"number": number, "reports": told} for number, told in reports.items()]
    await town.network.request("POST", "/_control/seed", json={"phones": phones})
    runs = [await town.execute("send-sms", trigger={"phone": number}) for number in (ASHA, JUMA)]
    assert [await left_by(town, run) for run in runs] == ["delivered", "failed"]
    await town.publish({**texting("1s"), "id": "impatient"})
    assert await left_by(town, await town.execute("impatient", trigger={"phone": SILENT})) == "sent"


async def test_reports_that_are_faster_than_the_answer_doubled_and_late_lead_to_one_delivery(
    town: Town,
) -> None:
    await town.publish(texting("30s"))
    await fault(town, action="delay_after", match={"path": "/messaging"}, param=2)
    await fault(town, action="duplicate", match={"channel": "delivery"}, times=2, param=2)
    execution = await town.execute("send-sms", trigger={"phone": ASHA})
    await until(lambda: _came(town, 2))
    assert [how for _, how in await reported(town)] == [None, None], "the send is not on record yet"
    assert await left_by(town, execution) == "delivered"
    fates = dict(await settled(town, 2))
    assert fates["dlr:Success"] == "applied"
    assert await noted(town) == ["Success"]
    assert await town.phone(ASHA).texts() == ["Your order is ready."]


async def test_payments_take_the_exits_of_what_became_of_them(town: Town) -> None:
    await town.publish(paying("60s"))
    people = {ASHA: ("pay", "paid"), JUMA: ("refuse", "failed"), SILENT: ("expire", "failed")}
    runs = {number: await town.execute("request-payment", trigger={"phone": number}) for number in people}
    for number, (act, _) in people.items():
        await town.phone(number).act(act, id=await prompt(town, number))
    assert {number: await left_by(town, run) for number, run in runs.items()} == {
        number: exit for number, (_, exit) in people.items()
    }
    assert sorted(await settled(town, 3)) == [("pay:Failed", "applied")] * 2 + [("pay:Success", "applied")]


async def test_money_that_comes_after_the_flow_gave_it_up_is_on_record_and_not_in_the_flow(
    town: Town,
) -> None:
    await town.publish(paying("1s"))
    execution = await town.execute("request-payment", trigger={"phone": ASHA})
    asked = await prompt(town)
    assert await left_by(town, execution) == "expired"
    await town.phone(ASHA).act("pay", id=asked)
    assert await settled(town, 1) == [("pay:Success", "late")]
    assert await noted(town) == ["Success"]
    assert len(await town.executions()) == 1


async def test_a_forged_notice_is_refused_and_the_true_one_believed(town: Town) -> None:
    await town.publish(paying("60s"))
    execution = await town.execute("request-payment", trigger={"phone": ASHA})
    asked = await prompt(town)
    notice = {
        "transactionId": asked, "category": "MobileCheckout", "productName": "Duka", "status": "Success",
        "source": ASHA, "value": "KES 5.0000",
    }  # fmt: skip
    await until(lambda: _known(town, asked))
    forged = await town.api.post(f"/webhooks/africastalking/main/{SECRET}/payment", json=notice)
    assert (forged.status_code, forged.text) == (200, "OK")
    assert await settled(town, 1) == [("pay:Success", "refused")]
    assert (await town.executions())[0]["status"] == "waiting_time"
    await town.phone(ASHA).act("pay", id=asked)
    assert await left_by(town, execution) == "paid"
    assert await settled(town, 1) == [("pay:Success", "applied")]


async def _known(town: Town, id: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM effects WHERE provider_ref LIKE '%' || $1)"
    return bool(await town.house.db.fetchval(query, id))


async def test_who_wrote_stop_is_sent_nothing_by_any_flow_until_they_want_it_again(town: Town) -> None:
    await town.publish(SURVEY)
    await town.publish(texting("30s"))
    phone = town.phone(ASHA)
    await phone.text(SHORT_CODE, "STOP")
    await phone.text(SHORT_CODE, "join")
    refused = await town.ended(1)
    assert refused["completionReason"] == "refused"
    execution = await town.execute("send-sms", trigger={"phone": ASHA})
    assert await left_by(town, execution) == "error"
    codes = await town.house.db.fetch("SELECT outcome->'error'->>'code' FROM effects")
    assert [row[0] for row in codes] == ["OPTED_OUT"] * 2
    assert await phone.texts() == []
    await phone.text(SHORT_CODE, "START")
    await phone.text(SHORT_CODE, "join")
    assert await until(phone.texts) == ["Your name?"]
    other = await town.execute("send-sms", trigger={"phone": JUMA})
    assert await left_by(town, other) == "delivered", "others never opted out"
