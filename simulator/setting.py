"""What a simulation begins with."""

from datetime import UTC, datetime
from typing import Self

from pydantic import Field

from dsl.channels import Channel
from dsl.model import Json, Message
from dsl.spec import FlowSpec
from simulator.mocks import Mocks

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When simulations begin, unless they are told otherwise: the same one is the same to the byte."""


class Setting(Message):
    """What a simulation begins with. `trigger`: what started it; without it, the person's first words do.

    `service`: our number or code that the person writes to, dials or calls, where it is not the usual one.
    """

    at: datetime = MONDAY
    channel: Channel = "chatwoot"
    service: str | None = None
    variables: dict[str, Json] = Field(default_factory=dict)
    trigger: dict[str, Json] | None = None
    contact: dict[str, Json] | None = None
    mocks: Mocks = Field(default_factory=dict)

    def of(self, spec: FlowSpec | None) -> Self:
        """On the channel of the flow's own trigger; one without a channel of people is a chat's."""
        trigger = spec.trigger if spec else None
        if trigger is None:
            return self
        return self.but(channel=trigger.channel, service=trigger.service_code)
