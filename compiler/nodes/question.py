"""question: asks, waits for the answer, checks it and keeps it."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from pydantic import Field

from compiler.asking import Asking
from dsl.conditions import Comparison
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS, Place
from dsl.model import Authored, Json
from dsl.plan import Assign, Call, Case, Choice, Choose, Step
from dsl.spec import Name

_INVALID = {
    "text": "Please write an answer.",
    "email": "That does not look like an e-mail address.",
    "choice": "Please pick one of the choices.",
}


class QuestionChoice(Authored):
    """One thing to pick."""

    value: str = Field(min_length=1, max_length=128)
    """What is saved; also the name of an exit of its own."""
    title: str | None = Field(default=None, min_length=1, max_length=255)
    """What people see; the value where absent."""
    synonyms: tuple[str, ...] = Field(default=(), max_length=50)
    """Other words that mean it."""


class Question(Asking):
    """Asks, waits for the answer, checks it and saves it to a variable.

    With `expects: choice` each choice may have an exit of its own, named by its value; one that is not
    connected leaves by `answer`.
    """

    exits: ClassVar[tuple[str, ...]] = ("answer", "invalid", "timeout")

    save_to: Name
    """The variable that keeps the answer."""
    expects: Literal["text", "email", "choice"] = "text"
    """What an answer must be."""
    choices: tuple[QuestionChoice, ...] = Field(default=(), max_length=100)
    """Of `expects: text` they are suggestions only."""

    def own_exits(self) -> tuple[str, ...]:
        """The kind's exits and one per choice."""
        return (*self.exits, *(c.value for c in self._picks() if c.value not in self.exits))

    def sets(self) -> Iterator[str]:
        """The variable that keeps the answer."""
        yield self.save_to

    def check(self, place: Place) -> Iterator[Issue]:
        """The choices, and what every asking node is checked for."""
        if self.expects == "choice" and not self.choices:
            yield issue("CHOICES_MISSING")
        seen: set[str] = set()
        for index, choice in enumerate(self.choices):
            at = f"/choices/{index}/value"
            if choice.value in seen:
                yield issue("DUPLICATE_CHOICE", f"Two choices have the value '{choice.value}'.", pointer=at)
            if choice.value in (*self.exits, *ALWAYS):
                text = f"The choice '{choice.value}' has the name of an exit of this node."
                yield issue("CHOICE_SHADOWS_EXIT", text, pointer=at)
            seen.add(choice.value)
        yield from super().check(place)

    def lower(self, place: Place) -> Iterable[Step]:
        """say, wait, check the answer, and either keep it or ask again."""
        yield from self.asking(place, self._offered(), self.expects, _INVALID[self.expects])
        yield self._read(place)
        routes = self._routes(place)
        to = place.id("route") if routes else "!answer"
        answer = "{{@.text}}" if self.expects == "text" else f"{{{{nodes.{place.node}}}}}"
        yield Assign(id=place.id("save"), node=place.node, values={self.save_to: answer}, to=to)
        if routes:
            yield self._route(place, routes)

    def _read(self, place: Place) -> Step:
        if self.expects == "text":
            blank = Comparison(left="{{@.text | trim}}", operator="is_empty")
            case = Case(condition=blank, to=place.id("again"))
            return Choose(id=place.id("read"), node=place.node, cases=(case,), to=place.id("save"))
        args: dict[str, Json] = {
            "expects": self.expects,
            "text": "{{@.text}}",
            "value": "{{@.value}}",
            "choices": [c.model_dump(mode="json", exclude_none=True) for c in self._picks()],
        }
        return Call(
            id=place.id("read"),
            node=place.node,
            activity="parse_answer",
            args=args,
            to={"answer": place.id("save"), "invalid": place.id("again")},
            default_exit="answer",
            pure=True,
            fast=True,
        )

    def _route(self, place: Place, routes: list[str]) -> Step:
        """Where every choice has an exit of its own, the last is what remains."""
        rest = "!answer" if len(routes) < len(self._picks()) else f"!{routes[-1]}"
        answer = f"{{{{nodes.{place.node}}}}}"
        cases = tuple(
            Case(condition=Comparison(left=answer, operator="eq", right=value), to=f"!{value}")
            for value in routes
            if f"!{value}" != rest
        )
        return Choose(id=place.id("route"), node=place.node, cases=cases, to=rest)

    def _picks(self) -> tuple[QuestionChoice, ...]:
        return self.choices if self.expects == "choice" else ()

    def _routes(self, place: Place) -> list[str]:
        values = dict.fromkeys(c.value for c in self._picks())
        return [value for value in values if place.connected(value)]

    def _offered(self) -> tuple[Choice, ...]:
        return tuple(Choice(title=c.title or c.value, value=c.value) for c in self.choices)
