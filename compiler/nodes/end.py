"""end: the execution is over."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from dsl import plan
from dsl.kind import Kind, Place
from dsl.model import Json


class End(Kind):
    """The execution is over, with an outcome and, where wanted, outputs."""

    exits: ClassVar[tuple[str, ...]] = ()

    outcome: str = Field(default="completed", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    """How it ended: completed, abandoned, or a word of your own."""
    outputs: dict[str, Json] = Field(default_factory=dict, max_length=100)
    """Values by name: templates or literals."""

    def lower(self, place: Place) -> Iterable[plan.Step]:
        """One `end` step."""
        yield plan.End(id=place.id(), node=place.node, outcome=self.outcome, outputs=self.outputs)
