"""The provider's callbacks as values: every one with the key under which it happens once."""

from typing import Literal

from pydantic import Field

from dsl.model import Message
from providers.africastalking.delivery import Standing
from providers.africastalking.money import Money


class Event(Message):
    """What all have: `key`, unique for the event on its connection."""

    key: str


class UssdTurn(Event):
    """A caller dialled or typed: `text` is all they typed in the session, joined with `*`."""

    session: str
    phone: str
    service: str
    network: str
    text: str = Field(repr=False)


class UssdEnd(Event):
    """A USSD session is over, says the provider; a hint that may never come."""

    session: str
    phone: str
    service: str
    network: str | None
    status: str
    text: str = Field(repr=False)
    millis: int | None
    error: str | None


class IncomingSms(Event):
    """Somebody wrote to a number of ours."""

    id: str
    phone: str
    to: str
    text: str = Field(repr=False)
    link_id: str | None
    """Given back when a premium message is answered."""
    network: str | None


class Delivery(Event):
    """What became of a message: `status` as the provider wrote it, `standing` in our words."""

    id: str
    status: str
    standing: Standing
    phone: str | None
    network: str | None
    retries: int | None
    reason: str | None


class OptOut(Event):
    """A person wants no more messages from a sender of ours."""

    sender: str
    phone: str


class VoiceEvent(Event):
    """A call asks what to do, or is over (`active` False).

    `caller` and `destination` are E.164 where they are phone numbers, else as written (SIP, hidden).
    """

    session: str
    active: bool
    direction: Literal["Inbound", "Outbound"] | None
    caller: str
    destination: str
    digits: str | None = Field(repr=False)
    recording: str | None = Field(repr=False)
    state: str | None
    request: str | None
    """The `clientRequestId` of the call that we asked for."""
    seconds: int | None
    cost: Money | None
    status: str | None
    cause: str | None
    """Why it ended (NO_ANSWER, …); an open set."""
    dialled: str | None
    """Whom a Dial reached, and for how many seconds."""
    dialled_seconds: int | None


class AirtimeStatus(Event):
    """What became of a top-up."""

    id: str
    phone: str
    status: Literal["Success", "Failed"]
    value: Money
    discount: Money | None
    description: str | None


class AirtimeValidation(Event):
    """The provider asks whether a top-up is really ours; answered `Validated` or `Failed`."""

    id: str
    phone: str
    value: Money


class PaymentEvent(Event):
    """A notice about money: believe it only after a query has said the same (`payments.confirms`)."""

    id: str
    category: str
    status: Literal["Success", "Failed"]
    source: str
    destination: str | None
    value: Money
    product: str
    description: str | None
    metadata: dict[str, str]
