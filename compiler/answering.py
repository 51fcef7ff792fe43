"""One thing that a node asks for: what an answer must be, and the steps that read it and keep it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from compiler.choosing import Pick, pick_issues
from compiler.expects import NUMBERS, READ_WITH, SORRY, Expects, pattern_problem
from dsl.conditions import Comparison
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.messages import PARSE_ANSWER
from dsl.model import Authored, Json
from dsl.plan import Assign, Call, Case, Choose, Step

SKIPS = ("-", "skip", "ruka", "passer")
"""What leaves out an answer that is not required, in English, Swahili and French."""


class Answered(Authored):
    """What an answer must be."""

    expects: Expects = "text"
    """What an answer must be."""
    choices: tuple[Pick, ...] = Field(default=(), max_length=100)
    """Of anything but `expects: choice` they are suggestions only."""
    pattern: str | None = Field(default=None, min_length=1)
    """Of `expects: regex`: the whole answer is of this form (RE2 syntax)."""
    min: float | None = None
    """The smallest number that is an answer."""
    max: float | None = None
    """The largest number that is an answer."""

    def picks(self) -> tuple[Pick, ...]:
        """The choices of which one is to be picked."""
        return self.choices if self.expects == "choice" else ()

    def answer_issues(self, exits: tuple[str, ...] = ()) -> Iterator[Issue]:
        """What is wrong with these fields; `exits`: the node's own, which no choice may be named after."""
        if self.expects == "choice" and not self.choices:
            yield issue("CHOICES_MISSING")
        yield from pick_issues(self.choices, exits)
        yield from self._pattern_issues()
        yield from self._bound_issues()

    def _pattern_issues(self) -> Iterator[Issue]:
        if self.expects == "regex" and self.pattern is None:
            text = "An answer that is expected to be `regex` takes a `pattern`."
            yield issue("MISSING_FIELD", text, pointer="/pattern")
        elif self.expects != "regex" and self.pattern is not None:
            text = f"`pattern` is for `expects: regex`, not for `{self.expects}`."
            yield issue("INVALID_VALUE", text, pointer="/pattern")
        elif self.pattern is not None and (problem := pattern_problem(self.pattern)):
            yield issue("INVALID_PATTERN", problem, pointer="/pattern")

    def _bound_issues(self) -> Iterator[Issue]:
        for name, bound in (("min", self.min), ("max", self.max)):
            if bound is not None and self.expects not in NUMBERS:
                text = f"`{name}` is for numbers, not for `{self.expects}`."
                yield issue("INVALID_VALUE", text, pointer=f"/{name}")
        if self.min is not None and self.max is not None and self.min > self.max:
            text = f"No number is at least {self.min:g} and at most {self.max:g}."
            yield issue("INVALID_VALUE", text, pointer="/min")

    def reading(self, place: Place) -> dict[str, Json]:
        """What reading an answer takes besides what was said: nothing that does not matter to it."""
        told = {name: getattr(self, name) for name in ("pattern", "min", "max")}
        known = {name: value for name, value in told.items() if value is not None}
        if self.expects in ("date", "datetime"):
            known["zone"] = place.timezone
        if self.expects == "phone" and place.region is not None:
            known["region"] = place.region
        return {**READ_WITH.get(self.expects, {}), **known}


@dataclass(frozen=True, slots=True)
class Ask:
    """A thing asked for at a place: its steps have ids of their own where the node asks for several.

    `then` is where an answer that was kept leads; `before` counts what the same node asked for earlier.
    """

    place: Place
    text: str
    answer: Answered
    then: str
    save_to: str | None = None
    part: str = ""
    before: int = 0
    optional: bool = False

    def id(self, step: str = "") -> str:
        """The id of one of its steps; without a name that of the first, which speaks."""
        return self.place.id("/".join(name for name in (self.part, step) if name))

    @property
    def heard(self) -> str:
        """The step that an answer goes to."""
        return self.id("skip" if self.optional else "read")

    def again(self) -> str:
        """What is said by default about an invalid answer."""
        return f"{SORRY[self.answer.expects]}\n\n{self.text}"

    def reading(self) -> Iterator[Step]:
        """Leave it out, or read it and keep it; what is no answer goes to `again`."""
        if self.optional:
            yield self._skip()
        yield self._read_text() if self.answer.expects == "text" else self._parse()
        if self.save_to is not None:
            value = "{{@.text}}" if self.answer.expects == "text" else f"{{{{nodes.{self.place.node}}}}}"
            values = {self.save_to: value}
            yield Assign(id=self.id("save"), node=self.place.node, values=values, to=self.then)

    def _skip(self) -> Step:
        left_out = Comparison(left="{{@.text | trim | lower}}", operator="in", right=list(SKIPS))
        case = Case(condition=left_out, to=self.then)
        return Choose(id=self.id("skip"), node=self.place.node, cases=(case,), to=self.id("read"))

    def _read_text(self) -> Step:
        blank = Comparison(left="{{@.text | trim}}", operator="is_empty")
        case = Case(condition=blank, to=self.id("again"))
        return Choose(id=self.id("read"), node=self.place.node, cases=(case,), to=self._kept())

    def _parse(self) -> Step:
        args: dict[str, Json] = {
            "expects": self.answer.expects,
            "text": "{{@.text}}",
            "value": "{{@.value}}",
            "choices": [pick.model_dump(mode="json", exclude_none=True) for pick in self.answer.picks()],
            **self.answer.reading(self.place),
        }
        return Call(
            id=self.id("read"),
            node=self.place.node,
            activity=PARSE_ANSWER,
            args=args,
            to={"answer": self._kept(), "invalid": self.id("again")},
            default_exit="answer",
            pure=True,
            plain=True,
            fast=True,
        )

    def _kept(self) -> str:
        return self.id("save") if self.save_to is not None else self.then
