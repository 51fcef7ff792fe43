"""Mobile money as it was, and when a notice about it is believed."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from providers.africastalking.events import PaymentEvent
from providers.africastalking.legacy import LegacyPayments
from providers.africastalking.money import Money, read_money
from providers.africastalking.payments import Payment, confirms
from providers.errors import Failed, NotSent, Unknown
from tests.providers.africastalking.bodies import BODIES, PHONE, READER
from tests.providers.africastalking.counter import USER, Counter

pytestmark = pytest.mark.real
KES_500 = Money(amount=Decimal(500), currency="KES")
TRANSACTION = {
    "transactionId": "ATPid_x",
    "category": "MobileCheckout",
    "productName": "Duka",
    "sourceType": "PhoneNumber",
    "source": PHONE,
    "destination": "Duka",
    "value": "KES 500.0000",
    "status": "Success",
    "description": "Received",
}
PAID = Payment(
    id="ATPid_x",
    status="success",
    value=Money(amount=Decimal("500.0000"), currency="KES"),
    source=PHONE,
    destination="Duka",
    product="Duka",
    description="Received",
)
PENDING = {
    "status": "PendingConfirmation",
    "description": "Waiting for user input",
    "providerChannel": "525900",
    "transactionId": "ATPid_x",
}
BACK = {
    "entries": [
        {
            "phoneNumber": PHONE,
            "provider": "Athena",
            "providerChannel": "525900",
            "status": "Queued",
            "transactionFee": "KES 0.1000",
            "transactionId": "ATPid_y",
            "value": "KES 500.0000",
        }
    ],
    "numQueued": 1,
}


def notice(**changes: Any) -> PaymentEvent:
    event = READER.read("payment", orjson.dumps(BODIES["payment"] | changes), "application/json")
    assert isinstance(event, PaymentEvent)
    return event


def found(counter: Counter, **changes: Any) -> None:
    counter.says(200, {"status": "Success", "data": TRANSACTION | changes})


async def test_a_checkout_asks_the_person_and_is_pending(counter: Counter, payments: LegacyPayments) -> None:
    counter.says(201, PENDING)
    asked = await payments.checkout(PHONE, KES_500, product="Duka", metadata={"order": "7"})
    assert asked == Payment(id="ATPid_x", description="Waiting for user input")
    assert counter.asked[0].path == "/mobile/checkout/request"
    assert counter.asked[0].form == {
        "username": USER,
        "productName": "Duka",
        "phoneNumber": PHONE,
        "currencyCode": "KES",
        "amount": 500,
        "metadata": {"order": "7"},
    }


@pytest.mark.parametrize("source", [PHONE, "254700000111"])
async def test_a_payment_is_found(counter: Counter, payments: LegacyPayments, source: str) -> None:
    found(counter, source=source)
    assert await payments.find("ATPid_x") == PAID
    assert counter.asked[0].path == "/query/transaction/find"


@pytest.mark.parametrize(
    ("value", "amount"), [(None, 500), (Money(amount=Decimal("120.50"), currency="KES"), 120.5)]
)
async def test_a_refund_goes_to_who_paid(
    counter: Counter, payments: LegacyPayments, value: Money | None, amount: float
) -> None:
    found(counter)
    counter.says(201, BACK)
    assert await payments.refund("ATPid_x", value) == Payment(id="ATPid_y")
    assert counter.asked[1].path == "/mobile/b2c/request"
    assert counter.asked[1].form == {
        "username": USER,
        "productName": "Duka",
        "recipients": [
            {
                "phoneNumber": PHONE,
                "currencyCode": "KES",
                "amount": amount,
                "metadata": {},
                "reason": "BusinessPayment",
            }
        ],
    }


@pytest.mark.parametrize(
    ("transaction", "value"),
    [
        ({"status": "Failed"}, None),
        ({"status": "PendingConfirmation"}, None),
        ({"value": "None"}, None),
        ({}, Money(amount=Decimal("500.01"), currency="KES")),
        ({}, Money(amount=Decimal(5), currency="USD")),
    ],
)
async def test_what_was_not_paid_is_not_given_back(
    counter: Counter, payments: LegacyPayments, transaction: dict[str, str], value: Money | None
) -> None:
    found(counter, **transaction)
    with pytest.raises(Failed) as caught:
        await payments.refund("ATPid_x", value)
    assert (caught.value.code, len(counter.asked)) == ("NOT_REFUNDABLE", 1)


@pytest.mark.parametrize("data", [None, TRANSACTION | {"transactionId": "ATPid_other"}])
async def test_another_transaction_or_none_is_not_found(
    counter: Counter, payments: LegacyPayments, data: object
) -> None:
    counter.says(200, {"status": "Failure", "data": data})
    with pytest.raises(Failed) as caught:
        await payments.find("ATPid_x")
    assert caught.value.code == "NOT_FOUND"


async def test_refused_money_is_a_failure(counter: Counter, payments: LegacyPayments) -> None:
    counter.says(201, {"status": "InvalidRequest", "description": "no such product"})
    with pytest.raises(Failed) as caught:
        await payments.checkout(PHONE, KES_500, product="Duka")
    assert caught.value.code == "INVALID_REQUEST"


async def test_a_refund_that_was_refused_is_a_failure(counter: Counter, payments: LegacyPayments) -> None:
    found(counter)
    counter.says(201, {"entries": [], "errorMessage": "InsufficientBalance"})
    with pytest.raises(Failed) as caught:
        await payments.refund("ATPid_x")
    assert caught.value.code == "INSUFFICIENT_BALANCE"


async def test_lost_answers_leave_money_unknown_and_questions_open(
    counter: Counter, payments: LegacyPayments
) -> None:
    counter.cuts()
    with pytest.raises(Unknown):
        await payments.checkout(PHONE, KES_500, product="Duka")
    with pytest.raises(NotSent):
        await payments.refund("ATPid_x")
    assert len(counter.asked) == 2


async def test_money_taken_with_an_unreadable_answer_is_flagged(
    counter: Counter, payments: LegacyPayments
) -> None:
    counter.says(201, "OK", "text/plain")
    assert (await payments.checkout(PHONE, KES_500, product="Duka")).flagged


async def test_every_checkout_has_a_connection_of_its_own(counter: Counter, payments: LegacyPayments) -> None:
    counter.says(201, PENDING)
    for _ in range(2):
        await payments.checkout(PHONE, KES_500, product="Duka")
    assert counter.raw.connections == 2


@pytest.mark.parametrize(
    ("changes", "believed"),
    [
        ({}, True),
        ({"value": "KES 500"}, True),
        ({"source": "254700000111"}, True),
        ({"value": "KES 5000.0000"}, False),
        ({"value": "USD 500.0000"}, False),
        ({"status": "Failed"}, False),
        ({"source": "+254700000112"}, False),
        ({"productName": "Other"}, False),
        ({"transactionId": "ATPid_y"}, False),
    ],
)
def test_a_notice_is_believed_only_where_a_query_says_the_same(
    changes: dict[str, str], believed: bool
) -> None:
    assert confirms(PAID, notice(**changes)) is believed


def test_what_is_still_pending_confirms_nothing() -> None:
    assert not confirms(PAID.but(status="pending"), notice())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("KES 0.8000", "KES 0.8000"),
        ("kes  1,785.50", "KES 1785.50"),
        ("0", "0"),
        ("-2.5", "-2.5"),
        (50, "50"),
        ("None", "None"),
        ("", "None"),
        ("KES", "None"),
        ("KES 1e5", "None"),
        ("٣", "None"),
        (True, "None"),
        (None, "None"),
        (float("inf"), "None"),
    ],
)
def test_amounts_are_read_tolerantly(written: object, shown: str) -> None:
    assert str(read_money(written)) == shown


def test_an_amount_is_written_without_an_exponent() -> None:
    assert str(Money(amount=Decimal("5E+1"), currency="KES")) == "KES 50"
