"""Whether what a provider's notice says is so; of money the provider is asked, never the notice believed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from dsl.model import Json
from providers.africastalking.events import AirtimeStatus, PaymentEvent
from providers.africastalking.money import Money, read_money
from providers.africastalking.payments import Payment, PaymentProvider, confirms
from providers.africastalking.port import AfricasTalkingPort
from providers.errors import Failed
from store.reports import Kept

NOT_FOUND = "NOT_FOUND"


class News(NamedTuple):
    """What is so. `raw` is the provider's status; `forged`: the notice that led to it says otherwise."""

    raw: str
    reason: str | None = None
    forged: bool = False
    value: Money | None = None
    """Of money, how much the provider's books say."""


class Forged(Exception):
    """The provider knows of nothing like it."""


class Beliefs:
    """Those who are asked; without them no notice of money is ever believed."""

    def __init__(
        self, payments: PaymentProvider | None = None, africastalking: AfricasTalkingPort | None = None
    ) -> None:
        self._payments = payments
        self._africastalking = africastalking

    async def news(self, kept: Kept) -> News | None:
        """What a report comes to; None while the provider has not made up its mind.

        Raises `Forged`, and ProviderError where nobody could be asked.
        """
        match kept.kind:
            case "delivery":
                return News(str(kept.report["status"]), _text(kept.report.get("reason")))
            case "payment":
                return await self._paid(PaymentEvent.model_validate(kept.report))
            case "airtime":
                return await self._topped_up(AirtimeStatus.model_validate(kept.report))

    async def _paid(self, notice: PaymentEvent) -> News | None:
        if self._payments is None:
            raise Forged
        with _unknown_is_forged():
            payment = await self._payments.find(notice.id)
        if payment.status == "pending":
            _may_come_true(_same_order(payment, notice))
            return None
        return News(payment.status.title(), None, not confirms(payment, notice), payment.value)

    async def _topped_up(self, notice: AirtimeStatus) -> News | None:
        if self._africastalking is None:
            raise Forged
        with _unknown_is_forged():
            data = (await self._africastalking.find_transaction(notice.id)).data
        same = _same_top_up(data, notice)
        status = str(data.get("status"))
        if status not in ("Success", "Failed"):
            _may_come_true(same)
            return None
        return News(status, forged=not same or status != notice.status)


@contextmanager
def _unknown_is_forged() -> Iterator[None]:
    """Nothing else that the provider refuses with (our key, our rate) tells anything of the notice."""
    try:
        yield
    except Failed as refusal:
        if refusal.code == NOT_FOUND:
            raise Forged from None
        raise


def _may_come_true(same: bool) -> None:
    """A notice that is ahead of the provider's own books may come true; one about something else never."""
    if not same:
        raise Forged


def _same_order(payment: Payment, notice: PaymentEvent) -> bool:
    return confirms(payment.but(status=notice.status.lower()), notice)


def _same_top_up(data: Mapping[str, Any], notice: AirtimeStatus) -> bool:
    value = read_money(data.get("amount"))
    return data.get("phoneNumber") == notice.phone and value is not None and value.same(notice.value)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
