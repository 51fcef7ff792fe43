"""Reading the provider's callbacks: each a function from a body to an event."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, cast

from providers.africastalking.delivery import standing
from providers.africastalking.events import (
    AirtimeStatus,
    AirtimeValidation,
    Delivery,
    Event,
    IncomingSms,
    OptOut,
    PaymentEvent,
    UssdEnd,
    UssdTurn,
)
from providers.africastalking.form import Fields, fields_of
from providers.africastalking.money import read_money
from providers.africastalking.problem import CallbackProblem
from providers.africastalking.transcript import step_key
from providers.africastalking.voice_event import voice

Callback = Literal["ussd", "ussd-end", "sms", "delivery", "optout", "voice", "airtime", "payment"]
Hash = Callable[[str], str]
"""Keyed and one-way: what is dialled or typed must not be read out of a key."""
OUTCOMES = frozenset({"Success", "Failed"})
USSD_TEXT = 4_096


class Reader:
    """Reads callbacks; `keyed` makes keys unreadable, `today` is the day of an opt-out (UTC)."""

    def __init__(self, keyed: Hash, today: Callable[[], date]) -> None:
        self._keyed = keyed
        self._today = today
        self._readers: Mapping[Callback, Callable[[Fields], Event]] = {
            "ussd": self._ussd,
            "ussd-end": _ussd_end,
            "sms": _sms,
            "delivery": _delivery,
            "optout": self._opt_out,
            "airtime": _airtime,
            "payment": _payment,
        }

    def read(
        self, callback: Callback, body: bytes, content_type: str = "", *, step: str | None = None
    ) -> Event:
        """The event that a body tells; raises nothing but `CallbackProblem`.

        `step`: the token in the address of a voice callback, where it has one.
        """
        fields = fields_of(body, content_type)
        if callback == "voice":
            return voice(fields, Fields({"step": step}).id("step") if step is not None else None)
        return self._readers[callback](fields)

    def _ussd(self, fields: Fields) -> UssdTurn:
        session, text = fields.id("sessionId"), fields.text("text", USSD_TEXT)
        return UssdTurn(
            key=step_key(session, text, self._keyed),
            session=session,
            phone=fields.phone("phoneNumber"),
            service=fields.word("serviceCode", 40),
            network=fields.word("networkCode", 40),
            text=text,
        )

    def _opt_out(self, fields: Fields) -> OptOut:
        sender, phone = fields.word("senderId", 40), fields.phone("phoneNumber")
        key = f"optout:{sender}:{self._keyed(phone)}:{self._today().isoformat()}"
        return OptOut(key=key, sender=sender, phone=phone)


def _ussd_end(fields: Fields) -> UssdEnd:
    session = fields.id("sessionId")
    return UssdEnd(
        key=f"end:{session}",
        session=session,
        phone=fields.phone("phoneNumber"),
        service=fields.word("serviceCode", 40),
        network=fields.maybe("networkCode", 40),
        status=fields.word("status"),
        text=fields.maybe("input", USSD_TEXT) or "",
        millis=fields.count("durationInMillis"),
        error=fields.maybe("errorMessage", 1_024),
    )


def _sms(fields: Fields) -> IncomingSms:
    number = fields.id("id")
    return IncomingSms(
        key=f"sms:{number}",
        id=number,
        phone=fields.phone("from"),
        to=fields.word("to", 40),
        text=fields.text("text"),
        link_id=fields.maybe("linkId"),
        network=fields.maybe("networkCode", 40),
    )


def _delivery(fields: Fields) -> Delivery:
    number, status = fields.id("id"), fields.word("status", 64)
    return Delivery(
        key=f"dlr:{number}:{status}",
        id=number,
        status=status,
        standing=standing(status),
        phone=fields.phone("phoneNumber") if fields.maybe("phoneNumber") else None,
        network=fields.maybe("networkCode", 40),
        retries=fields.count("retryCount"),
        reason=fields.maybe("failureReason"),
    )


def _airtime(fields: Fields) -> AirtimeStatus | AirtimeValidation:
    """Both come to one address; only the question before a top-up has a `transactionId`."""
    return _validation(fields) if fields.has("transactionId") else _topped_up(fields)


def _topped_up(fields: Fields) -> AirtimeStatus:
    number, status = fields.id("requestId"), _outcome(fields)
    return AirtimeStatus(
        key=f"air:{number}:{status}",
        id=number,
        phone=fields.phone("phoneNumber"),
        status=status,
        value=fields.money("value"),
        discount=read_money(fields.maybe("discount")),
        description=fields.maybe("description", 1_024),
    )


def _validation(fields: Fields) -> AirtimeValidation:
    number = fields.id("transactionId")
    amount = read_money(fields.word("amount"))
    value = read_money(f"{fields.word('currencyCode')} {amount.amount}") if amount else None
    if value is None:
        raise CallbackProblem("FIELD_INVALID", "currencyCode" if amount else "amount")
    return AirtimeValidation(
        key=f"air:{number}:validation", id=number, phone=fields.phone("phoneNumber"), value=value
    )


def _payment(fields: Fields) -> PaymentEvent:
    number, status = fields.id("transactionId"), _outcome(fields)
    return PaymentEvent(
        key=f"pay:{number}:{status}",
        id=number,
        category=fields.word("category"),
        status=status,
        source=fields.party("source"),
        destination=fields.party("destination") if fields.maybe("destination") else None,
        value=fields.money("value"),
        product=fields.word("productName"),
        description=fields.maybe("description", 1_024),
        metadata=fields.texts("requestMetadata"),
    )


def _outcome(fields: Fields) -> Literal["Success", "Failed"]:
    return cast(Literal["Success", "Failed"], fields.choice("status", OUTCOMES))
