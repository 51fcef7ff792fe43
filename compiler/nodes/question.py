"""question: asks, waits for the answer, checks it and keeps it."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from compiler.answering import Answered, Ask
from compiler.asking import HANGUP, Asking
from compiler.choosing import Pick, at, routed
from compiler.moving import Moving
from dsl.issues import Issue
from dsl.kind import Place
from dsl.plan import Step
from dsl.spec import Name


class Question(Answered, Moving, Asking):
    """Asks, waits for the answer, checks it and saves it to a variable.

    With `expects: choice` each choice may have an exit of its own, named by its value; one that is not
    connected leaves by `answer`.
    """

    exits: ClassVar[tuple[str, ...]] = ("answer", "invalid", "timeout", "interrupt", HANGUP)

    save_to: Name
    """The variable that keeps the answer."""

    def own_exits(self) -> tuple[str, ...]:
        """The kind's exits and one per choice."""
        return (*self.exits, *(pick.value for pick in self.picks() if pick.value not in self.exits))

    def sets(self) -> Iterator[str]:
        """The variable that keeps the answer."""
        yield self.save_to

    def check(self, place: Place) -> Iterator[Issue]:
        """The choices, and what every asking node is checked for."""
        yield from self.answer_issues(self.exits)
        yield from super().check(place)

    def picked(self) -> Iterator[tuple[str, Pick]]:
        """Its choices, suggestions too."""
        yield from at("", self.choices)

    def lower(self, place: Place) -> Iterable[Step]:
        """say, wait, check the answer, and either keep it or ask again."""
        routes = self._routes(place)
        then = place.id("route") if routes else "!answer"
        asked = self.asking(Ask(place, self.text, self, then, save_to=self.save_to))
        yield from self.going_on(place, asked)
        if routes:
            # Where every choice has an exit of its own, the last is what remains.
            rest = "answer" if len(routes) < len(self.picks()) else routes[-1]
            yield routed(place.id("route"), place.node, routes, rest)

    def _routes(self, place: Place) -> list[str]:
        values = dict.fromkeys(pick.value for pick in self.picks())
        return [value for value in values if place.connected(value)]
