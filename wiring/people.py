"""Who plays the person of a conversation test, and how the flow comes to be theirs alone."""

import secrets
from collections.abc import Sequence
from typing import Any

from dsl.channels import CHATWOOT, Channel
from dsl.spec import FlowSpec
from providers.http.pooled import Pooled
from simulator.lines import Channel as Takes
from simulator.lines import Line
from simulator.person import EVENTS, PHONE, SERVICES
from wiring.handset import Handset
from wiring.subscriber import Subscriber

Document = dict[str, Any]
NUMBERS = {"ussd": "service_codes", "sms": "short_codes", "voice": "voice_numbers"}
"""What the stand-in calls our numbers."""


def channel_of(spec: FlowSpec | None, lines: Sequence[Line]) -> Channel:
    """Where a conversation takes place: as its first line says, else by the flow's own trigger."""
    said = next((line.channel for line in lines[:1] if isinstance(line, Takes)), None)
    return said or (spec.trigger.channel if spec and spec.trigger else CHATWOOT)


def number_of(channel: Channel) -> str:
    """A number of ours that nobody has dialled, written to or called."""
    some = 10_000 + secrets.randbelow(90_000)
    return {"ussd": f"*384*{some}#", "sms": str(some), "voice": f"+2547110{some}"}[channel]


def started_by(document: Document, channel: Channel, number: str) -> Document:
    """The flow, started by that number alone."""
    trigger = document.get("trigger") or {}
    own = trigger if trigger.get("channel") == channel else {}
    ours = {"channel": channel, "event": EVENTS[channel], "serviceCode": number}
    return {**document, "trigger": {**own, **ours}}


async def subscriber(
    network: Pooled, spec: FlowSpec | None, channel: Channel, number: str, phone: str = PHONE
) -> Subscriber:
    """A person who reaches the flow by that number, which the stand-in then has."""
    handset = Handset(network, phone)
    await handset.meet(NUMBERS[channel], number)
    own = spec.trigger.service_code if spec and spec.trigger and spec.trigger.channel == channel else None
    return Subscriber(handset, channel, number, own or SERVICES[channel])
