"""Mobile money in its legacy shape: checkout, payments to subscribers, notifications, queries."""

from decimal import Decimal
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from emulators.africastalking.domain.validation import validated
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.rows import Json, Payment
from emulators.africastalking.texts import date, money, new_id

CHANNEL = "525900"
FEE = Decimal("0.1")
PENDING, QUEUED = "PendingConfirmation", "Queued"
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]
Amount = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=4)]
REASONS = (
    "^(SalaryPayment|SalaryPaymentWithWithdrawalChargePaid|BusinessPayment"
    "|BusinessPaymentWithWithdrawalChargePaid|PromotionPayment)$"
)


class Checkout(BaseModel):
    """A request that a subscriber pays."""

    model_config = ConfigDict(extra="forbid")

    username: str
    productName: str
    phoneNumber: Phone
    currencyCode: str
    amount: Amount
    providerChannel: str | None = None
    metadata: dict[str, str] = {}


class Recipient(BaseModel):
    """A subscriber who is paid."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    phoneNumber: Phone
    currencyCode: str
    amount: Amount
    providerChannel: str | None = None
    reason: str | None = Field(None, pattern=REASONS)
    metadata: dict[str, str]


class Payout(BaseModel):
    """A request that the application pays one to ten subscribers."""

    model_config = ConfigDict(extra="forbid")

    username: str
    productName: str
    recipients: list[Recipient] = Field(min_length=1, max_length=10)


def checkout(emu: Emulator, asked: Checkout) -> Json:
    """Put a prompt on the subscriber's phone; unanswered it ends by itself."""
    _expect(emu, asked.productName, asked.currencyCode)
    row = _new(emu, "MobileCheckout", asked.productName, asked, PENDING, "Waiting for user input")
    expiry = emu.config.seconds(emu.config.checkout_expiry)
    emu.timers.set(row.id, expiry, partial(settle, emu, row, "Failed", "The prompt expired"))
    told = {"status": PENDING, "description": row.description}
    return told | {"providerChannel": asked.providerChannel or CHANNEL, "transactionId": row.id}


def pay_out(emu: Emulator, asked: Payout) -> Json:
    """Pay subscribers from the wallet; each is told of when it is done."""
    for recipient in asked.recipients:
        _expect(emu, asked.productName, recipient.currencyCode)
    rows = [_queue(emu, asked.productName, recipient) for recipient in asked.recipients]
    queued = [row for row in rows if row.status == QUEUED]
    return {
        "entries": [_entry(emu, row) for row in rows],
        "numQueued": len(queued),
        "totalTransactionFee": _money(emu, FEE * len(queued)),
        "totalValue": _money(emu, Decimal(sum(row.value for row in queued))),
    }


def settle(emu: Emulator, row: Payment, status: str, description: str) -> None:
    """End a payment and tell of it."""
    emu.timers.stop(row.id)
    row.status, row.description = status, description
    if status == "Success" and row.category == "MobileCheckout":
        emu.balance += row.value
    if status == "Failed" and row.category == "MobileB2C":
        emu.balance += row.value + row.fee
    told = {k: v for k, v in transaction(emu, row).items() if k != "creationTime"}
    emu.tell("payment", status, told, as_json=True)


def pending(emu: Emulator, transaction_id: str | None) -> Payment:
    """A prompt that is on a phone."""
    row = emu.state.payments.get(transaction_id or "")
    if row is None or row.status != PENDING:
        raise ApiError(422, "id: there is no such prompt on a phone")
    return row


def transaction(emu: Emulator, row: Payment) -> Json:
    """A payment as queries and notifications tell it."""
    application, subscriber = {"Type": "Wallet", "": row.product}, {"Type": "PhoneNumber", "": row.number}
    source, target = (
        (subscriber, application) if row.category == "MobileCheckout" else (application, subscriber)
    )
    return {
        "transactionId": row.id,
        "category": row.category,
        "provider": provider(emu),
        "providerRefId": f"REF{row.id[-10:].upper()}",
        "providerChannel": CHANNEL,
        "productName": row.product,
        **{f"source{key}": value for key, value in source.items()},
        **{f"destination{key}": value for key, value in target.items()},
        "value": _money(emu, row.value),
        "transactionFee": _money(emu, row.fee),
        "status": row.status,
        "description": row.description,
        "requestMetadata": row.metadata,
        "providerMetadata": {},
        "transactionDate": date(row.at),
        "creationTime": date(row.at),
    }


def provider(emu: Emulator) -> str:
    return "Athena" if emu.config.environment == "sandbox" else "Mpesa"


def balance(emu: Emulator) -> str:
    return _money(emu, emu.balance)


def _queue(emu: Emulator, product: str, recipient: Recipient) -> Payment:
    row = _new(emu, "MobileB2C", product, recipient, QUEUED, "Waiting for delivery")
    row.fee = FEE
    if not emu.pay(row.value + FEE):
        row.status, row.description = "Failed", "Insufficient balance"
        return row
    emu.engine.spawn(_deliver(emu, row))
    return row


async def _deliver(emu: Emulator, row: Payment) -> None:
    if await validated(emu, "payment_validation", row.id, row.number, row.value, metadata=row.metadata):
        settle(emu, row, "Success", "Delivered")
    else:
        settle(emu, row, "Failed", "Validation failed")


def _new(
    emu: Emulator, category: str, product: str, asked: Checkout | Recipient, status: str, description: str
) -> Payment:
    emu.state.make_room(emu.config.row_limit)
    row = Payment(
        id=new_id("ATPid"),
        category=category,
        number=asked.phoneNumber,
        product=product,
        value=asked.amount,
        metadata=asked.metadata,
        at=emu.now(),
        status=status,
        description=description,
    )
    emu.state.payments[row.id] = row
    return row


def _expect(emu: Emulator, product: str, currency: str) -> None:
    if product not in emu.config.products:
        raise ApiError(400, "The request content was malformed:\nproductName: no such product")
    if currency != emu.config.currency:
        raise ApiError(400, "The request content was malformed:\ncurrencyCode: not the product's currency")


def _entry(emu: Emulator, row: Payment) -> Json:
    told: Json = {"phoneNumber": row.number, "status": row.status}
    if row.status != QUEUED:
        return told | {"errorMessage": row.description}
    return told | {
        "provider": provider(emu),
        "providerChannel": CHANNEL,
        "transactionFee": _money(emu, row.fee),
        "transactionId": row.id,
        "value": _money(emu, row.value),
    }


def _money(emu: Emulator, amount: Decimal) -> str:
    return money(amount, emu.config.currency)
