"""Resolve the conversation."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.plan import Say, Step
from dsl.templates import Text

CLOSED: Literal["resolved"] = "resolved"


class CloseConversation(Action):
    """Resolve the conversation, after a last text where wanted, and go on."""

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    text: Text | None = Field(default=None, min_length=1)
    """Said first."""

    def lower(self, place: Place) -> Iterable[Step]:
        """[say the text] → resolve."""
        if self.text is None:
            yield self.call(place, id=place.id())
        else:
            yield Say(id=place.id(), node=place.node, text=self.text, to=place.id("close"))
            yield self.call(place, id=place.id("close"))

    async def execute(self, tools: Tools) -> Outcome:
        """Resolving twice is resolving once; the value tells our own change from anybody else's."""
        await tools.chatwoot().toggle_status(tools.conversation(), CLOSED)
        return Outcome(value={"status": CLOSED})
