"""Callbacks about what we did: kept before they are answered, and routed beside the answer."""

import orjson
import pytest

from providers.africastalking.memory_payments import MemoryPayments
from store import ledger
from store.ids import new_id
from store.ledger import Entry
from tests.api.conftest import Api, client_of
from tests.api.phones import PHONE, SECRET, called, with_phones

pytestmark = pytest.mark.real

ROWS = "SELECT kind, ref, state, how FROM reports WHERE workspace_id = $1 ORDER BY id"
DELIVERY = {"id": "ATXid_1", "status": "Success", "phoneNumber": PHONE, "retryCount": "0"}
AIRTIME = {"requestId": "ATQid_1", "phoneNumber": PHONE, "status": "Success", "value": "KES 50.0000"}
VALIDATION = {"transactionId": "ATQid_1", "phoneNumber": PHONE, "currencyCode": "KES", "amount": "50"}
PAYMENT = {
    "transactionId": "ATPid_1", "category": "MobileCheckout", "productName": "Duka", "status": "Success",
    "source": PHONE, "value": "KES 50.0000",
}  # fmt: skip


@pytest.fixture(autouse=True)
def phones(api: Api) -> None:
    with_phones(api, payments=MemoryPayments())


async def did(api: Api, ref: str) -> None:
    """An effect that the provider knows."""
    place = (api.parts.db, api.workspace, new_id())
    await ledger.begin(*place, [Entry("it", 1, 1, "send_sms", "digest")], 5)
    await ledger.settle(
        *place, "it", 1, 1, 1,
        state="done", outcome={"value": {"id": ref}}, provider="africastalking", provider_ref=f"at:{ref}",
    )  # fmt: skip


async def test_a_delivery_report_is_kept_answered_and_routed(api: Api) -> None:
    await did(api, "ATXid_1")
    answer = await called(api, "delivery", **DELIVERY)
    assert (answer.status_code, answer.text) == (200, "OK")
    await api.parts.deliveries.finish(10)
    assert await api.rows(ROWS) == [("delivery", "ATXid_1", "settled", "applied")]
    [(report,)] = await api.rows("SELECT report FROM effects WHERE workspace_id = $1")
    assert (report["status"], report["raw"]) == ("delivered", "Success")
    assert PHONE not in str(report)


async def test_reports_on_what_is_not_there_yet_are_kept(api: Api) -> None:
    assert (await called(api, "delivery", **DELIVERY)).text == "OK"
    assert (await called(api, "airtime", **AIRTIME)).text == "OK"
    async with client_of(api.app) as provider:
        url = f"/webhooks/africastalking/main/{SECRET}/payment"
        headers = {"content-type": "application/json"}
        assert (await provider.post(url, content=orjson.dumps(PAYMENT), headers=headers)).text == "OK"
    await api.parts.deliveries.finish(10)
    kept = [("delivery", "ATXid_1"), ("airtime", "ATQid_1"), ("payment", "ATPid_1")]
    assert await api.rows(ROWS) == [(*one, "received", None) for one in kept]


async def test_a_report_told_twice_is_kept_once(api: Api) -> None:
    await did(api, "ATXid_1")
    for _ in range(3):
        assert (await called(api, "delivery", **DELIVERY)).text == "OK"
        await api.parts.deliveries.finish(10)
    assert len(await api.rows(ROWS)) == 1


async def test_a_top_up_of_ours_is_validated_and_a_strangers_is_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await did(api, "ATQid_1")
    answer = await called(api, "airtime", **VALIDATION)
    assert (answer.status_code, answer.json()) == (200, {"status": "Validated"})
    monkeypatch.setattr("store.reports.OURS_PAUSE", 0)
    stranger = await called(api, "airtime", **{**VALIDATION, "transactionId": "ATQid_2"})
    assert stranger.json() == {"status": "Failed"}
    assert await api.rows(ROWS) == []


async def test_what_cannot_be_kept_comes_again(api: Api) -> None:
    api.lose_database()
    for what, fields in (("delivery", DELIVERY), ("airtime", AIRTIME), ("airtime", VALIDATION)):
        answer = await called(api, what, **fields)
        assert (answer.status_code, answer.json()["code"]) == (500, "EVENT_NOT_STORED")
