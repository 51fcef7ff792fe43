"""Take labels off the conversation."""

from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.messages import Outcome
from dsl.templates import Text


class RemoveLabel(Action):
    """Take labels off the conversation; those it does not have are no mistake.

    Its value (`nodes.<id>.labels`) is what is left.
    """

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    labels: list[Text] = Field(min_length=1, max_length=50)
    """Their names."""

    async def execute(self, tools: Tools) -> Outcome:
        """Taking a label off twice is taking it off once."""
        left = await tools.chatwoot().remove_labels(tools.conversation(), self.labels)
        return Outcome(value={"labels": left})
