"""condition: goes one way or the other."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from dsl.conditions import Condition as Test
from dsl.issues import Issue, issue
from dsl.kind import Kind, Place
from dsl.plan import Case, Choose, Step


class Condition(Kind):
    """Leaves by `true` when its condition holds, else by `false`."""

    aliases: ClassVar[tuple[str, ...]] = ("if",)
    exits: ClassVar[tuple[str, ...]] = ("true", "false")

    condition: Test
    """`{left, operator, right}`, `{all: […]}`, `{any: […]}` or `{not: …}`."""

    def check(self, place: Place) -> Iterator[Issue]:
        """Both ways lead somewhere."""
        if not place.connected("false"):
            yield issue("DANGLING_EXIT", "The exit 'false' leads nowhere.")

    def lower(self, place: Place) -> Iterable[Step]:
        """One `choose`."""
        case = Case(condition=self.condition, to="!true")
        yield Choose(id=place.id(), node=place.node, cases=(case,), to="!false")
