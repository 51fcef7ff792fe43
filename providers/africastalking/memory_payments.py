"""Mobile money in memory, for tests and test mode."""

from collections.abc import Mapping

from providers.africastalking.client import number_of, payable
from providers.africastalking.money import Money
from providers.africastalking.payments import Payment, checked, refundable
from providers.africastalking.plans import Plans
from providers.africastalking.refusal import not_found
from providers.errors import ProviderError
from providers.planned import strike


class MemoryPayments(Plans):
    """Offers what payments offer; a test settles what people were asked to pay."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, Payment] = {}

    def settle(self, transaction_id: str, *, paid: bool = True) -> Payment:
        """The person pays, or does not."""
        settled = self._kept(transaction_id).but(status="success" if paid else "failed")
        self.payments[transaction_id] = settled
        return settled

    async def checkout(
        self, phone: str, value: Money, *, product: str, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        failure = self.failure("checkout")
        checked(metadata)
        asked = Payment(
            id=self.new_id("ATPid"), value=payable(value), source=number_of(phone), product=product
        )
        return self._moved(asked, failure)

    async def refund(
        self, transaction_id: str, value: Money | None = None, *, metadata: Mapping[str, str] | None = None
    ) -> Payment:
        failure = self.failure("refund")
        checked(metadata)
        paid = self._kept(transaction_id)
        person, amount = refundable(paid, value)
        back = Payment(id=self.new_id("ATPid"), value=amount, destination=person, product=paid.product)
        return self._moved(back, failure)

    async def find(self, transaction_id: str) -> Payment:
        self.fail_now("find")
        return self._kept(transaction_id)

    async def aclose(self) -> None:
        """Nothing to close."""

    def _moved(self, payment: Payment, failure: ProviderError | None) -> Payment:
        self.payments[str(payment.id)] = payment
        strike(failure)
        return payment

    def _kept(self, transaction_id: str) -> Payment:
        if transaction_id not in self.payments:
            raise not_found()
        return self.payments[transaction_id]
