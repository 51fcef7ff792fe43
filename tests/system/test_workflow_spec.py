"""WorkflowSpec files on real parts: node types by their upper-case names, independent nodes side by side."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from emulators.africastalking.faults import FaultSpec
from tests.system.test_payments import prompted
from tests.system.town import ASHA, SERVICE_CODE, SHORT_CODE, Town, opened_town
from wiring.embedded.temporal import Temporal

pytestmark = pytest.mark.real

ORDER: dict[str, Any] = {
    "id": "order",
    "name": "Order by SMS",
    "version": 1,
    "trigger": {"type": "SMS", "config": {"keyword": "BUY"}},
    "nodes": [
        {"id": "pay", "type": "PAYMENT_REQUEST",
         "config": {"amount": 500, "currency": "KES", "phone": "{{contact.phone}}", "product": "Duka"}},
        {"id": "receipt", "type": "SEND_SMS",
         "config": {"to": "{{contact.phone}}", "message": "We have your KES 500."}},
        {"id": "bonus", "type": "SEND_AIRTIME",
         "config": {"phone": "{{contact.phone}}", "amount": 10, "currency": "KES"}},
        {"id": "done", "type": "SEND_SMS",
         "config": {"to": "{{contact.phone}}", "message": "Airtime {{nodes.bonus.id | truncate:5}}"}},
        {"id": "back", "type": "PAYMENT_REFUND",
         "config": {"transactionId": "{{nodes.pay.id}}", "reason": "Sample"}},
    ],
    "edges": [
        {"source": "pay", "target": "receipt"},
        {"source": "pay", "target": "bonus"},
        {"source": "receipt", "target": "done"},
        {"source": "bonus", "target": "done"},
        {"source": "done", "target": "back"},
    ],
}  # fmt: skip
BALANCE: dict[str, Any] = {
    "id": "balance",
    "name": "Balance by USSD",
    "version": 1,
    "trigger": {"type": "USSD", "config": {"serviceCode": SERVICE_CODE}},
    "nodes": [
        {"id": "show", "type": "SEND_USSD_RESPONSE",
         "config": {"text": "Your balance is KES 20. A text follows.", "final": True}},
        {"id": "text", "type": "SEND_SMS",
         "config": {"to": "{{contact.phone}}", "message": "KES 20, as shown."}},
        {"id": "ring", "type": "INITIATE_CALL", "config": {"to": "{{contact.phone}}", "timeout": "60s"}},
        {"id": "greet", "type": "SAY", "config": {"text": "Your balance is twenty shillings."}},
        {"id": "sorry", "type": "SEND_SMS",
         "config": {"to": "{{contact.phone}}", "message": "We could not reach you."}},
    ],
    "edges": [
        {"source": "show", "target": "text"},
        {"source": "text", "target": "ring"},
        {"source": "ring", "target": "greet"},
        {"source": "ring", "target": "sorry", "sourceHandle": "no_answer"},
    ],
}  # fmt: skip


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    async with opened_town(dsn, temporal.address) as opened:
        yield opened


async def test_an_order_is_paid_and_what_depends_on_nothing_else_is_done_side_by_side(town: Town) -> None:
    for path in ("/messaging", "/airtime/send"):
        slow = {"action": "delay", "match": {"path": path}, "param": 1}
        town.emulator.emulator.faults.add(FaultSpec.model_validate(slow))
    await town.publish(ORDER)
    await town.phone().text(SHORT_CODE, "BUY")
    await town.phone().act("pay", id=await prompted(town))
    ended = await town.ended()
    assert (ended["status"], await town.phone().texts()) == (
        "completed",
        ["We have your KES 500.", "Airtime ATQi…"],
    )
    overlap = await town.house.db.fetchval(
        "SELECT max(created_at) < min(updated_at) FROM effects WHERE node IN ('receipt', 'bonus')"
    )
    assert overlap
    assert [one.status for one in town.emulator.emulator.state.airtime.values()] == ["Success"]
    kinds = {row.category: row.status for row in town.emulator.emulator.state.payments.values()}
    assert kinds == {"MobileCheckout": "Success", "MobileB2C": "Success"}


async def test_who_dials_is_shown_the_last_screen_and_the_flow_goes_on_without_them(town: Town) -> None:
    await town.publish(BALANCE)
    shown = await town.phone().dial(SERVICE_CODE)
    assert (shown["open"], shown["screen"]) == (False, "Your balance is KES 20. A text follows.")
    session = await town.until_ringing(town.phone(ASHA))
    await town.phone().act("pick_up", session=session)
    assert await town.phone().heard(session) == ["Your balance is twenty shillings."]
    assert (await town.ended())["status"] == "completed"
    assert await town.phone().texts() == ["KES 20, as shown."]
