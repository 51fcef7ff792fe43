"""Ask somebody to pay, and wait until they have."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema

from activities.base import Tools
from activities.paying import SECONDS, Amount, Currency, payments_of, told
from activities.telecom import PROVIDER
from activities.telephone import Telephone, phone_issue, phone_of, refused
from dsl.durations import Duration
from dsl.issues import Issue
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.plan import Step, Wait
from dsl.templates import Text
from providers.africastalking.money import Money
from providers.errors import Failed, Unknown

ASKED = "asked"
"""How the executor leaves when the person was asked: their end is waited for."""
PATIENCE = 180
"""Seconds that somebody has where the flow does not say; a prompt lives for a minute or two."""


class RequestPayment(Telephone):
    """Ask a person to pay by mobile money, and wait for it.

    By `paid` when the provider says so, by `failed` when it refused or the person did, by `expired` when
    neither was known in time, and asking the provider did not tell: money that comes later is kept on
    record. What a notice claims is asked of the provider before it counts. Nobody is asked twice: where no
    answer came, `unknown`. People on the line are answered before, for the prompt needs their phone.
    """

    aliases: ClassVar[tuple[str, ...]] = ("REQUEST_PAYMENT", "PAYMENT_REQUEST")
    exits: ClassVar[tuple[str, ...]] = ("paid", "failed", "expired")
    moves_money: ClassVar[bool] = True

    amount: Amount
    """How much."""
    currency: Currency
    """Of which currency (ISO 4217)."""
    phone: Text = Field(min_length=1, max_length=40)
    """The payer's phone number, with its country code."""
    product: Text | None = Field(default=None, min_length=1, max_length=100)
    """The payment product; the operator's (`AT_PRODUCT`) where absent."""
    metadata: dict[str, Text] = Field(default_factory=dict, max_length=10)
    """Short texts that the provider keeps with it."""
    timeout: Annotated[Duration, Field(ge=1, le=86_400)] = PATIENCE
    """How long the person has."""
    transaction_id: SkipJsonSchema[str | None] = None
    """Of a payment that was asked for already, and of which only the state is wanted: our own to set."""

    @field_validator("transaction_id")
    @classmethod
    def _is_ours(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and isinstance(info.context, dict) and info.context.get("authored"):
            raise ValueError("a payment that was asked for is known by its node, not by its id")
        return value

    def is_effect(self) -> bool:
        """Asking how it stands changes nothing."""
        return self.transaction_id is None

    def seconds(self) -> float:
        """Longer than texts take."""
        return SECONDS

    def check(self, _place: Place) -> Iterator[Issue]:
        """A number that is none."""
        found = phone_issue(self.phone, "/phone")
        yield from (found,) if found else ()

    def lower(self, place: Place) -> Iterable[Step]:
        """Ask → wait for the report → in the end ask the provider."""
        waits, state, ends = place.id("wait"), place.id("state"), {exit: f"!{exit}" for exit in self.exits}
        yield self.call(place, id=place.id(), to={ASKED: waits, **ends}).but(ends_turn=True)
        to = {"paid": ends["paid"], "failed": ends["failed"], "timeout": state}
        yield Wait(id=waits, node=place.node, expects="report", timeout=self.timeout, to=to)
        last = self.call(place, id=state, to=ends)
        yield last.but(args={**last.args, "transactionId": f"{{{{nodes.{place.node}.id}}}}"})

    async def execute(self, tools: Tools) -> Outcome:
        """Put the prompt on their phone, or find out how it stands."""
        value = Money(amount=self.amount, currency=self.currency)
        if self.transaction_id is not None:
            return await self._found(tools, self.transaction_id, value)
        phone, product = phone_of(self.phone), self.product or tools.phones().product
        if product is None:
            raise Failed("NOT_CONFIGURED", "There is no product to pay for.", provider=PROVIDER)
        payments = payments_of(tools)
        try:
            asked = await payments.checkout(phone, value, product=product, metadata=self.metadata)
        except Failed as error:
            return refused(error)
        if asked.id is None:
            raise Unknown("UNREADABLE_ANSWER", "It was asked for under an unknown id.", provider=PROVIDER)
        shown = told(asked.but(value=value, status="pending"))
        return Outcome(exit=ASKED, value={**shown, "phone": phone, "awaited": True})

    async def _found(self, tools: Tools, id: str, value: Money) -> Outcome:
        """As the provider keeps it; another amount than was asked for is not what was asked for."""
        payment = await payments_of(tools).find(id)
        paid = payment.status == "success" and payment.value is not None and payment.value.same(value)
        exit = "paid" if paid else "expired" if payment.status == "pending" else "failed"
        return Outcome(exit=exit, value=told(payment))

    def mock(self) -> Outcome:
        """The person pays at once."""
        return Outcome(exit="paid", value={"status": "success"})
