"""The faults of this emulator: those of every emulator, on its own callbacks."""

from typing import Literal

from emulators.common import faults
from emulators.common.faults import ApiAction, DeliveryAction

Channel = Literal[
    "ussd",
    "ussd_end",
    "sms",
    "delivery",
    "optout",
    "voice",
    "airtime",
    "airtime_validation",
    "payment",
    "payment_validation",
]


class Match(faults.Match):
    """Which calls or callbacks are met."""

    channel: Channel | None = None


class FaultSpec(faults.FaultSpec):
    """A fault of a call or, by `match.channel`, of a callback."""

    match: Match = Match()
    action: ApiAction | DeliveryAction
    body: str = "Injected fault"
