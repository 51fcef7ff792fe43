"""menu: offers choices and goes the way of the one that is picked."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from compiler.answering import Answered, Ask
from compiler.asking import HANGUP, Asking
from compiler.choosing import Pick, at, pick_issues, routed
from compiler.ways import loose_ends
from dsl.issues import Issue
from dsl.kind import Place
from dsl.plan import Step
from dsl.spec import Name

ENDS = ("invalid", "timeout", "interrupt", HANGUP)


class Menu(Asking):
    """Offers choices and leaves by the exit of the one that is picked: clicked, or named by its number,
    title, value or a synonym.
    """

    exits: ClassVar[tuple[str, ...]] = ()
    more_exits: ClassVar[str] = "one for each choice, `invalid`, `timeout`, `interrupt`, `hangup`"

    choices: list[Pick] = Field(min_length=1, max_length=100)
    """What may be picked; every one has an exit, named by its value."""
    save_to: Name | None = None
    """The variable that keeps the picked value."""
    paging: bool = True
    """Whether a screen that cannot hold all choices shows them page by page; in a chat all are shown."""

    def own_exits(self) -> tuple[str, ...]:
        """One for each choice, and where it ends without one."""
        return (*dict.fromkeys(pick.value for pick in self.choices if pick.value not in ENDS), *ENDS)

    def sets(self) -> Iterator[str]:
        """The variable that keeps the picked value."""
        yield from () if self.save_to is None else (self.save_to,)

    def check(self, place: Place) -> Iterator[Issue]:
        """The choices, and what every asking node is checked for."""
        yield from pick_issues(self.choices, ENDS)
        ways = enumerate(pick.value for pick in self.choices)
        yield from loose_ends(place, {f"/choices/{index}/value": value for index, value in ways})
        yield from super().check(place)

    def picked(self) -> Iterator[tuple[str, Pick]]:
        """Its choices."""
        yield from at("", self.choices)

    def lower(self, place: Place) -> Iterable[Step]:
        """say, wait, find the choice or ask again, and leave by its exit."""
        values = list(dict.fromkeys(pick.value for pick in self.choices))
        answer = Answered(expects="choice", choices=tuple(self.choices))
        yield from self.asking(Ask(place, self.text, answer, place.id("route"), save_to=self.save_to))
        yield routed(place.id("route"), place.node, values, values[-1])
