"""The faults of this emulator: those of every emulator, and what signed webhooks add."""

from typing import ClassVar, Literal, get_args

from emulators.common import faults
from emulators.common.faults import ApiAction
from emulators.common.faults import DeliveryAction as CommonAction

DeliveryAction = Literal[CommonAction, "redeliver", "wrong_signature", "stale_timestamp"]


class Match(faults.Match):
    """Which calls or deliveries are met; a channel is one of Chatwoot's three."""

    channel: Literal["account", "api_inbox", "agent_bot"] | None = None


class FaultSpec(faults.FaultSpec):
    """`param` is besides the age in seconds for `stale_timestamp`, the extra copies for `redeliver`."""

    delivery_actions: ClassVar[frozenset[str]] = frozenset(get_args(DeliveryAction))

    match: Match = Match()
    action: ApiAction | DeliveryAction
