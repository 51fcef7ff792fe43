"""Top up a phone."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from activities.base import Recovery, Tools
from activities.paying import Amount, Currency
from activities.telephone import Telephone, phone_issue, phone_of, refused
from dsl.issues import Issue
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.templates import Text
from providers.africastalking.money import Money
from providers.errors import Failed, ProviderError

DUPLICATE = "DUPLICATE_REQUEST"


class SendAirtime(Telephone):
    """Top up a phone, once.

    By `sent` when the provider took it, by `failed` when it refused: the same amount for the same phone
    within five minutes, too (`code` DUPLICATE_REQUEST). Every try goes out under one key, so that a lost
    answer is asked for again and the phone is topped up once; where even that does not tell, or the operator
    does not trust the provider's keys (`AT_AIRTIME_KEYED`), `unknown`.
    """

    aliases: ClassVar[tuple[str, ...]] = ("SEND_AIRTIME",)
    exits: ClassVar[tuple[str, ...]] = ("sent", "failed")
    moves_money: ClassVar[bool] = True
    recovery: ClassVar[Recovery] = "repeat"
    doubts: ClassVar[bool] = True

    phone: Text = Field(min_length=1, max_length=40)
    """The phone number, with its country code."""
    amount: Amount
    """How much."""
    currency: Currency
    """Of which currency (ISO 4217)."""

    def check(self, _place: Place) -> Iterator[Issue]:
        """A number that is none."""
        found = phone_issue(self.phone, "/phone")
        yield from (found,) if found else ()

    def repeats(self, tools: Tools) -> bool:
        """Where the operator trusts the provider to know a key again."""
        return tools.phones().keyed

    def retries(self, error: ProviderError, tools: Tools) -> bool:
        """Under the same key; but a provider that remembers such a request says no more by being asked."""
        return self.repeats(tools) and super().retries(error, tools) and error.code != DUPLICATE

    async def execute(self, tools: Tools) -> Outcome:
        """One request; the effect's key is its idempotency key."""
        phone, value = phone_of(self.phone), Money(amount=self.amount, currency=self.currency)
        try:
            sent = await tools.phones().port.send_airtime(phone, value, key=tools.key, again=tools.again)
        except Failed as error:
            return refused(error)
        shown = {"amount": float(self.amount), "currency": self.currency, "phone": phone}
        discount = {"discount": str(sent.discount)} if sent.discount else {}
        return Outcome(exit="sent", value={"id": sent.request_id, "status": sent.status, **shown, **discount})
