"""Payments in their legacy shape: prompts, payouts, notifications, queries."""

import asyncio

import pytest
from fastapi import Response

from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, JUMA, RECEIVER, Json, Shop

CHECKOUT, PAYOUT = "/payments/mobile/checkout/request", "/payments/mobile/b2c/request"
ORDER: Json = {
    "productName": "Duka", "phoneNumber": ASHA, "currencyCode": "KES", "amount": 500,
    "metadata": {"order": "7"},
}  # fmt: skip


@pytest.fixture
async def legacy(open_shop: OpenShop) -> Shop:
    return await open_shop(payments=True)


async def ask(shop: Shop, **fields: object) -> str:
    """Put a prompt on the phone; its transaction."""
    answer = await shop.post_json(CHECKOUT, **ORDER | fields)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told.pop("transactionId").startswith("ATPid_")
    assert told == {
        "status": "PendingConfirmation", "description": "Waiting for user input", "providerChannel": "525900",
    }  # fmt: skip
    return str(answer.json()["transactionId"])


@pytest.mark.parametrize(
    ("action", "status", "balance"),
    [("pay", "Success", "1500"), ("refuse", "Failed", "1000"), ("expire", "Failed", "1000")],
)
async def test_a_prompt_ends_in_a_notification_that_a_query_confirms(
    legacy: Shop, action: str, status: str, balance: str
) -> None:
    transaction = await ask(legacy)
    await legacy.customer(action, id=transaction)
    told = (await legacy.settle()).of("payment")[0]
    told.pop("description")
    assert told == {
        "transactionId": transaction, "category": "MobileCheckout", "provider": "Athena",
        "providerRefId": f"REF{transaction[-10:].upper()}", "providerChannel": "525900",
        "productName": "Duka", "sourceType": "PhoneNumber", "source": ASHA, "destinationType": "Wallet",
        "destination": "Duka", "value": "KES 500.0000", "transactionFee": "KES 0.0000", "status": status,
        "requestMetadata": {"order": "7"}, "providerMetadata": {}, "transactionDate": "2026-01-05 09:15:22",
    }  # fmt: skip
    query = await legacy.get("/payments/query/transaction/find", transactionId=transaction)
    assert query.json()["data"].items() >= told.items()
    assert (await legacy.state())["balance"] == balance
    assert (await legacy.try_to("pay", id=transaction)).status_code == 422


async def test_only_a_prompt_nobody_answers_expires(open_shop: OpenShop) -> None:
    shop = await open_shop(payments=True, clock_scale=1_000.0, checkout_expiry=1_000.0)
    paid, ignored = await ask(shop), await ask(shop)
    await shop.customer("pay", id=paid)
    await shop.settle()
    shop.receiver.arrived.clear()
    async with asyncio.timeout(5):
        await shop.receiver.arrived.wait()
    ends = [(note["transactionId"], note["status"]) for note in (await shop.settle()).of("payment")]
    assert ends == [(paid, "Success"), (ignored, "Failed")]
    assert shop.receiver.of("payment")[1]["description"] == "The prompt expired"


@pytest.mark.parametrize(
    "wrong",
    [
        {"productName": "Other"}, {"currencyCode": "UGX"}, {"amount": 0}, {"amount": "x"}, {"extra": 1},
        {"phoneNumber": "0700"}, {"metadata": {"order": 7}}, {"amount": None},
    ],
)  # fmt: skip
async def test_a_prompt_with_a_mistake_is_a_plain_text_400(legacy: Shop, wrong: Json) -> None:
    answer = await legacy.post_json(CHECKOUT, **ORDER | wrong)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await legacy.state())["payments"] == []


async def test_subscribers_are_paid_from_the_wallet(legacy: Shop) -> None:
    people = [
        {"phoneNumber": number, "currencyCode": "KES", "amount": amount, "metadata": {}}
        for number, amount in ((ASHA, 10), (JUMA, 5_000))
    ]
    answer = await legacy.post_json(PAYOUT, productName="Duka", recipients=people)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["numQueued"], told["totalValue"], told["totalTransactionFee"]) == (
        1, "KES 10.0000", "KES 0.1000",
    )  # fmt: skip
    queued, failed = told["entries"]
    assert queued.items() >= {"phoneNumber": ASHA, "provider": "Athena", "status": "Queued"}.items()
    assert failed == {"phoneNumber": JUMA, "status": "Failed", "errorMessage": "Insufficient balance"}
    note = (await legacy.settle()).of("payment")[0]
    assert (note["category"], note["destination"], note["status"]) == ("MobileB2C", ASHA, "Success")
    wallet = (await legacy.get("/payments/query/wallet/balance")).json()
    assert wallet == {"status": "Success", "balance": "KES 989.9000"}
    assert (await legacy.post_json(PAYOUT, productName="Duka", recipients=people * 6)).status_code == 400


@pytest.mark.parametrize(("answer", "end"), [("Validated", "Success"), ("Failed", "Failed")])
async def test_a_payout_is_validated_first(open_shop: OpenShop, answer: str, end: str) -> None:
    names = ("payment", "payment_validation")
    shop = await open_shop(payments=True, callbacks={name: f"{RECEIVER}/{name}" for name in names})
    shop.receiver.script["payment_validation"].append(Response(f'{{"status":"{answer}"}}'))
    person = {"phoneNumber": ASHA, "currencyCode": "KES", "amount": 10, "metadata": {"order": "7"}}
    await shop.post_json(PAYOUT, productName="Duka", recipients=[person])
    asked = (await shop.settle()).of("payment_validation")[0]
    assert (asked["amount"], asked["metadata"]) == ("10.0000", {"order": "7"})
    assert shop.receiver.of("payment")[0]["status"] == end
    assert float((await shop.state())["balance"]) == (989.9 if end == "Success" else 1000)


async def test_a_products_payments_are_read_in_pages(legacy: Shop) -> None:
    first, second = await ask(legacy), await ask(legacy)
    path, page = "/payments/query/transaction/fetch", {"productName": "Duka", "count": 1}
    for number, transaction in ((1, [first]), (2, [second]), (3, [])):
        rows = (await legacy.get(path, pageNumber=number, **page)).json()["responses"]
        assert [row["transactionId"] for row in rows] == transaction
    for wrong in ({"pageNumber": 0}, {"pageNumber": 1, "count": 1001}, {"pageNumber": 1, "status": "x"}, {}):
        assert (await legacy.get(path, **page | wrong)).status_code == 400


async def test_without_the_setting_payments_are_withdrawn(shop: Shop) -> None:
    assert (await shop.post_json(CHECKOUT, **ORDER)).status_code == 404
    assert (await shop.get("/payments/query/transaction/find", transactionId="x")).status_code == 404
    assert (await shop.get("/payments/query/wallet/balance")).json() == {"status": "NotAvailable"}
