"""What a call tells: while it goes on it asks what to do, at its end it says how it went."""

import re
from typing import Literal

from providers.africastalking.events import VoiceEvent
from providers.africastalking.form import Fields
from providers.africastalking.money import Money, read_money
from providers.africastalking.problem import CallbackProblem

DIGITS = 64
URL = 2_048
_DIGITS = re.compile(r"[0-9*#]*", re.ASCII)


def voice(fields: Fields, step: str | None) -> VoiceEvent:
    """The event of a call's callback; `step` is the token in the address, None at the start of a call.

    No field says which of our answers a callback follows, so every address that we give out has its own.
    """
    session, active = fields.id("sessionId"), fields.choice("isActive", ("0", "1")) == "1"
    return VoiceEvent(
        key=f"voice:{session}:{(step or 'start') if active else 'over'}",
        session=session,
        active=active,
        direction=_direction(fields),
        caller=fields.party("callerNumber"),
        destination=fields.party("destinationNumber"),
        digits=_digits(fields),
        recording=fields.maybe("recordingUrl", URL),
        state=fields.maybe("callSessionState"),
        request=fields.maybe("clientRequestId"),
        seconds=fields.count("durationInSeconds"),
        cost=_cost(fields),
        status=fields.maybe("status"),
        cause=fields.maybe("hangupCause") or fields.maybe("lastBridgeHangupCause"),
        dialled=fields.maybe("dialDestinationNumber"),
        dialled_seconds=fields.count("dialDurationInSeconds"),
    )


def _digits(fields: Fields) -> str | None:
    """None where nothing was asked for; "" where nothing was typed."""
    if not fields.has("dtmfDigits"):
        return None
    typed = fields.text("dtmfDigits", DIGITS)
    if not _DIGITS.fullmatch(typed):
        raise CallbackProblem("FIELD_INVALID", "dtmfDigits")
    return typed


def _direction(fields: Fields) -> Literal["Inbound", "Outbound"] | None:
    if fields.maybe("direction") is None:
        return None
    return "Inbound" if fields.choice("direction", ("Inbound", "Outbound")) == "Inbound" else "Outbound"


def _cost(fields: Fields) -> Money | None:
    amount, currency = fields.maybe("amount"), fields.maybe("currencyCode")
    return read_money(f"{currency} {amount}" if currency and amount else amount)
