"""Mobile money: what a flow may ask of whoever moves it, and when a notice is to be believed."""

from collections.abc import Mapping
from typing import Literal, Protocol

from dsl.model import Message
from providers.africastalking.events import PaymentEvent
from providers.africastalking.money import Money
from providers.africastalking.refusal import invalid
from providers.errors import Failed

PaymentStatus = Literal["pending", "success", "failed"]


class Payment(Message):
    """A transaction as its provider keeps it; without `id` when the answer could not be read.

    `source` paid (a phone number, of a checkout), `destination` was paid.
    """

    id: str | None = None
    status: PaymentStatus = "pending"
    value: Money | None = None
    source: str | None = None
    destination: str | None = None
    product: str | None = None
    description: str | None = None

    @property
    def flagged(self) -> bool:
        """It was taken, but we cannot say under which id."""
        return self.id is None


class PaymentProvider(Protocol):
    """Whoever moves mobile money. Phone numbers are E.164. Every method raises ProviderError.

    Neither checkout nor refund is safe to repeat: where no answer came the error is Unknown.
    """

    async def checkout(
        self, phone: str, value: Money, *, product: str, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        """Ask a person to pay; how it ends comes as a notice, or is found."""

    async def refund(
        self, transaction_id: str, value: Money | None = None, *, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        """Give a payment back, all of it or a part; Failed(NOT_REFUNDABLE) where that cannot be."""

    async def find(self, transaction_id: str) -> Payment:
        """A transaction as it stands; Failed(NOT_FOUND) where there is none."""


def confirms(payment: Payment, notice: PaymentEvent) -> bool:
    """Whether what a query found says what a notice claims: only then is the notice believed."""
    if payment.value is None or payment.status != notice.status.lower():
        return False
    same = (payment.id, payment.source, payment.product) == (notice.id, notice.source, notice.product)
    return same and payment.value.same(notice.value)


def refundable(payment: Payment, value: Money | None) -> tuple[str, Money]:
    """Whom to pay back and how much; raises Failed(NOT_REFUNDABLE)."""
    paid, person = payment.value, payment.source
    if payment.status != "success" or paid is None or person is None:
        raise _not_refundable("it was not paid")
    wanted = value or paid
    if wanted.currency != paid.currency or wanted.amount > paid.amount:
        raise _not_refundable("more, or another currency, than was paid")
    return person, wanted


def checked(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata as the provider takes it: at most 10 short texts."""
    given = dict(metadata or {})
    if len(given) > 10 or any(len(name) + len(text) > 200 for name, text in given.items()):
        raise invalid("there are at most 10 short metadata texts")
    return given


def _not_refundable(why: str) -> Failed:
    return Failed("NOT_REFUNDABLE", f"the payment cannot be given back: {why}", provider="payments")
