"""switch: goes one of several ways."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from compiler.bounds import part
from compiler.ways import Exit, loose_ends
from dsl.conditions import AnyOf, Comparison, Condition
from dsl.issues import Issue
from dsl.kind import Kind, Place
from dsl.model import Authored
from dsl.plan import Case, Choose, Step
from dsl.templates import Text

TRUTHS = {"true": "is_true", "false": "is_false"}


class SwitchCase(Authored):
    """A way, and when it is gone."""

    exit: Exit
    """The exit it leaves by."""
    condition: Condition
    """`{left, operator, right}`, `{all: […]}`, `{any: […]}` or `{not: …}`."""


def _form(value: Any) -> str:
    return "exits by value" if isinstance(value, dict) else "list of cases"


Cases = Annotated[
    Annotated[list[SwitchCase], Tag("list of cases"), Field(min_length=1, max_length=100)]
    | Annotated[dict[str, Exit], Tag("exits by value"), Field(min_length=1, max_length=100)],
    Discriminator(_form),
]


class Switch(Kind):
    """Leaves by the exit of the first case that holds, else by `default`."""

    exits: ClassVar[tuple[str, ...]] = ("default",)
    more_exits: ClassVar[str] = "those that its cases name"

    on: Text | None = Field(default=None, min_length=1)
    """A template whose value is looked up in the cases."""
    cases: Cases
    """`[{exit, condition}, …]`, tried in order; or with `on`, exits by value: `{"gold": "vip"}`."""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Switch":
        if (self.on is None) == isinstance(self.cases, dict):
            raise ValueError("a switch has `on` and exits by value, or a list of cases with conditions")
        return self

    def own_exits(self) -> tuple[str, ...]:
        """Those of the cases, and the one when none holds."""
        return tuple(dict.fromkeys((*self._ways().values(), *self.exits)))

    def _ways(self) -> dict[str, str]:
        """The exit of each case, by its pointer; the values of `on` in an order of their own."""
        if isinstance(self.cases, dict):
            return {f"/cases{part(value)}": self.cases[value] for value in sorted(self.cases)}
        return {f"/cases/{index}/exit": case.exit for index, case in enumerate(self.cases)}

    def check(self, place: Place) -> Iterator[Issue]:
        """Every way leads somewhere."""
        yield from loose_ends(place, self._ways())

    def lower(self, place: Place) -> Iterable[Step]:
        """One `choose`."""
        cases = tuple(
            Case(condition=condition, to=f"!{exit}")
            for condition, exit in zip(self._conditions(), self._ways().values(), strict=True)
        )
        yield Choose(id=place.id(), node=place.node, cases=cases, to="!default")

    def _conditions(self) -> list[Condition]:
        if isinstance(self.cases, dict):
            return [self._equals(value) for value in sorted(self.cases)]
        return [case.condition for case in self.cases]

    def _equals(self, value: str) -> Condition:
        """A key of an object is always text, whatever the value it stands for; numbers compare as such."""
        same = Comparison(left=self.on, operator="eq", right=value)
        if value not in TRUTHS:
            return same
        truth = Comparison.model_validate({"left": self.on, "operator": TRUTHS[value]})
        return AnyOf(any=[same, truth])
