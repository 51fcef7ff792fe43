"""split: sends people different ways, by weight."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from compiler.bounds import part
from compiler.ways import Exit, loose_ends
from dsl.conditions import Comparison
from dsl.issues import Issue
from dsl.kind import Kind, Place
from dsl.plan import Case, Choose, Step

Weight = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Split(Kind):
    """Leaves by one of its exits, drawn by weight.

    The draw is a hash of execution, node and visit: the same visit always goes the same way, whoever asks.
    """

    exits: ClassVar[tuple[str, ...]] = ()
    more_exits: ClassVar[str] = "those that its weights name"

    weights: dict[Exit, Weight] = Field(min_length=1, max_length=100)
    """A number for each exit; `{"a": 1, "b": 3}` sends three of four by `b`."""

    @model_validator(mode="after")
    def _some_weight(self) -> "Split":
        if not sum(self.weights.values()):
            raise ValueError("one of the weights must be more than zero")
        return self

    def own_exits(self) -> tuple[str, ...]:
        """Those of the weights, in an order of their own: a database may not keep the author's."""
        return tuple(sorted(self.weights))

    def check(self, place: Place) -> Iterator[Issue]:
        """Every way leads somewhere."""
        yield from loose_ends(place, {f"/weights{part(exit)}": exit for exit in self.own_exits()})

    def lower(self, place: Place) -> Iterable[Step]:
        """One `choose` over where the draw falls; the last exit that weighs anything takes the rest."""
        exits = [exit for exit in self.own_exits() if self.weights[exit]]
        total = sum(self.weights[exit] for exit in exits)
        borders = (border / total for border in accumulate(self.weights[exit] for exit in exits))
        cases = tuple(
            Case(condition=Comparison(left="{{@.draw}}", operator="lt", right=border), to=f"!{exit}")
            for exit, border in zip(exits[:-1], borders, strict=False)
        )
        yield Choose(id=place.id(), node=place.node, cases=cases, to=f"!{exits[-1]}")
