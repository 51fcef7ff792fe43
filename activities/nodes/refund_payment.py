"""Give a payment back."""

from typing import ClassVar

from pydantic import Field

from activities.base import Tools
from activities.paying import SECONDS, Amount, payments_of, told
from activities.telephone import Telephone, refused
from dsl.messages import Outcome
from dsl.templates import Text
from providers.africastalking.money import Money
from providers.africastalking.payments import PaymentProvider
from providers.errors import Failed

REFUSALS = ("NOT_REFUNDABLE", "NOT_FOUND")
"""What we or the provider say of a payment that cannot be given back."""


class RefundPayment(Telephone):
    """Give a payment back to whoever paid, all of it or a part.

    By `refunded` when the provider took it, by `failed` when it refused, or when there is nothing to give
    back. It is never sent twice: where no answer came, `unknown`. What other nodes, or an earlier visit, gave
    back of the same payment is not counted.
    """

    aliases: ClassVar[tuple[str, ...]] = ("REFUND_PAYMENT", "PAYMENT_REFUND")
    exits: ClassVar[tuple[str, ...]] = ("refunded", "failed")
    moves_money: ClassVar[bool] = True

    transaction_id: Text = Field(min_length=1, max_length=100)
    """The payment: `{{nodes.<id>.id}}` of the `request_payment` that asked for it."""
    amount: Amount | None = None
    """How much, in the payment's currency; all of it where absent."""
    reason: Text | None = Field(default=None, min_length=1, max_length=150)
    """Why, for the provider's records."""

    def seconds(self) -> float:
        """What was paid is asked for up to twice, then it is sent back."""
        return 3 * SECONDS

    async def execute(self, tools: Tools) -> Outcome:
        """Find what was paid, and send it back."""
        payments = payments_of(tools)
        metadata = {"reason": self.reason} if self.reason else {}
        try:
            value = await self._value(payments)
            back = await payments.refund(self.transaction_id, value, metadata=metadata)
        except Failed as error:
            if error.code not in REFUSALS:
                return refused(error)
            return Outcome(exit="failed", value={"code": error.code, "message": error.message})
        return Outcome(exit="refunded", value=told(back))

    async def _value(self, payments: PaymentProvider) -> Money | None:
        """The part that is given back, in the currency that was paid."""
        if self.amount is None:
            return None
        paid = (await payments.find(self.transaction_id)).value
        return Money(amount=self.amount, currency=paid.currency if paid else None)
