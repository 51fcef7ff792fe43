"""Add labels to the conversation."""

from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.messages import Outcome
from dsl.templates import Text


class AddLabel(Action):
    """Add labels to the conversation; those it has stay.

    Its value (`nodes.<id>.labels`) is the full list.
    """

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    labels: list[Text] = Field(min_length=1, max_length=50)
    """Their names."""

    async def execute(self, tools: Tools) -> Outcome:
        """Adding a label twice is adding it once."""
        return Outcome(value={"labels": await tools.chatwoot().add_labels(tools.conversation(), self.labels)})
