"""Payments as Africa's Talking offered them until 2023; some accounts have them still."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field

from dsl.model import Json
from providers.africastalking.client import number_of, payable
from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.door import Door
from providers.africastalking.models import Answer, Cost, Told
from providers.africastalking.money import Money
from providers.africastalking.payments import Payment, PaymentStatus, checked, refundable
from providers.africastalking.phone import e164
from providers.africastalking.refusal import PROVIDER, failed, not_found
from providers.reading import asked, parsed
from providers.reply import Reply

_TAKEN = frozenset({"PendingConfirmation", "PendingValidation", "Queued", "Success"})
_STATUSES: dict[str, PaymentStatus] = {"Success": "success", "Failed": "failed"}


class LegacyPayments:
    """Checkout and B2C of one application, each on a connection of its own."""

    def __init__(self, config: AfricasTalkingConfig, *, seconds: float = 10.0) -> None:
        self._username = config.username
        self._door = Door(config.bases().payments, config.api_key, seconds, config.breaker("payments"))

    async def checkout(
        self, phone: str, value: Money, *, product: str, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        body = {"productName": product, **_order(phone, value, metadata)}
        reply = await self._door.act("/mobile/checkout/request", json=self._mine(body))
        return _taken(parsed(_Order, reply), reply)

    async def refund(
        self, transaction_id: str, value: Money | None = None, *, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        paid = await self.find(transaction_id)
        person, amount = refundable(paid, value)
        recipient = {**_order(person, amount, metadata), "reason": "BusinessPayment"}
        body = {"productName": paid.product, "recipients": [recipient]}
        reply = await self._door.act("/mobile/b2c/request", json=self._mine(body))
        answer = parsed(_Orders, reply)
        if answer is not None and not answer.entries:
            raise failed(answer.error_message or "", reply)
        return _taken(answer.entries[0] if answer else None, reply)

    async def find(self, transaction_id: str) -> Payment:
        params = {"username": self._username.get_secret_value(), "transactionId": transaction_id}
        reply = await self._door.ask("/query/transaction/find", params)
        data = asked(_Found, reply, PROVIDER).data
        if data is None or data.transaction_id != transaction_id:
            raise not_found(reply)
        return data.payment()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._door.aclose()

    def _mine(self, body: Mapping[str, Json]) -> dict[str, Json]:
        return {"username": self._username.get_secret_value(), **body}


class _Order(Answer):
    """An order to move money, as it was taken or refused."""

    status: str
    transaction_id: Told = None
    description: str | None = None
    error_message: Told = None


class _Orders(Answer):
    """The answer to a B2C request: an entry for each recipient."""

    entries: list[_Order]
    error_message: Told = None


class _Transaction(Answer):
    """A transaction as a query shows it."""

    transaction_id: str
    status: str
    value: Cost = None
    source: str | None = None
    destination: str | None = None
    product_name: str | None = None
    description: str | None = Field(default=None, repr=False)

    def payment(self) -> Payment:
        """The same in our words."""
        return Payment(
            id=self.transaction_id,
            status=_STATUSES.get(self.status, "pending"),
            value=self.value,
            source=_party(self.source),
            destination=_party(self.destination),
            product=self.product_name,
            description=self.description,
        )


class _Found(Answer):
    """The answer to a query."""

    status: str
    data: _Transaction | None = None


def _order(phone: str, value: Money, metadata: Mapping[str, str] | None) -> dict[str, Any]:
    money = payable(value)
    return {
        "phoneNumber": number_of(phone),
        "currencyCode": money.currency,
        "amount": _number(money.amount),
        "metadata": checked(metadata),
    }


def _party(written: str | None) -> str | None:
    """A phone number in E.164; a wallet or an account as it is written."""
    return (e164(written) or written) if written else None


def _number(amount: Decimal) -> int | float:
    """The shortest JSON number that says it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _taken(order: _Order | None, reply: Reply) -> Payment:
    if order is None:
        return Payment()
    if order.status not in _TAKEN or order.error_message is not None:
        raise failed(order.status, reply, order.error_message)
    return Payment(id=order.transaction_id, description=order.description)
