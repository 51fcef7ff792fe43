"""`continueOn`: what nodes have in common that take the conversation to another channel."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field, model_validator

from dsl.kind import Kind, Place
from dsl.messages import CONTINUE_ON
from dsl.model import Authored
from dsl.plan import Call, Step, Wait
from dsl.templates import Text

THERE = "there"
"""The part of a node that is done once the conversation is where it goes on."""


class ContinueOn(Authored):
    """Where the conversation goes on."""

    channel: Literal["sms", "chatwoot"]
    """`sms`, or `chatwoot`; nobody can be reached by USSD, and calls have a node of their own."""
    address: Text | None = Field(default=None, min_length=1)
    """A phone number with its country code, where absent the person's own; or a conversation in Chatwoot."""

    @model_validator(mode="after")
    def _names_the_conversation(self) -> "ContinueOn":
        if self.channel == "chatwoot" and self.address is None:
            raise ValueError("the conversation in Chatwoot is named by an `address`")
        return self


class Moving(Kind):
    """A kind that may take the conversation to another channel before it does anything else."""

    continue_on: ContinueOn | None = None
    """From here on the conversation goes on at that address: `{"channel": "sms"}`. It comes back when the
    execution has ended. A person who has another conversation there is an error (`ADDRESS_BUSY`)."""

    def going_on(self, place: Place, steps: Iterable[Step]) -> Iterator[Step]:
        """The node's steps, the first of them done where the conversation goes on."""
        first, *rest = steps
        if self.continue_on is None:
            yield from (first, *rest)
            return
        yield self._move(place, self.continue_on)
        yield first.but(id=place.id(THERE))
        # Whoever is asked again is there already.
        yield from (one.but(asks=place.id(THERE)) if _asks_first(one) else one for one in rest)

    def _move(self, place: Place, on: ContinueOn) -> Call:
        return Call(
            id=place.id(),
            node=place.node,
            activity=CONTINUE_ON,
            args=on.model_dump(mode="json", exclude_none=True),
            to={"next": place.id(THERE)},
            fast=True,
            moves=True,
            ends_turn=True,
        )


def _asks_first(step: Step) -> bool:
    return isinstance(step, Wait) and step.asks is None
