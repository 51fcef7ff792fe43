"""form: asks for several things, one after another."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from compiler.answering import Answered, Ask
from compiler.asking import HANGUP, Asking
from compiler.choosing import Pick, at
from dsl.issues import Issue, issue
from dsl.kind import UNSURE_EXITS, Place
from dsl.model import Json
from dsl.plan import Assign, Say, Step
from dsl.spec import Name
from dsl.templates import Text

MAY_SKIP = "(Write - to leave it out.)"


class FormField(Answered):
    """One thing to fill in."""

    name: Name
    """What the answer is kept under."""
    label: Text | None = Field(default=None, min_length=1)
    """What is asked; the name where absent."""
    required: bool = True
    """Whether it may not be left out; people leave one out by writing `-` or `skip`."""

    def asked(self) -> str:
        """What people read."""
        label = self.label or self.name
        return label if self.required else f"{label}\n{MAY_SKIP}"


class Form(Asking):
    """Asks for one field after another, each answer checked, and saves them all.

    `timeout` and `reminders` hold for each field; `maxTries` counts the invalid answers of the whole form.
    """

    forgets: ClassVar[bool] = True
    exits: ClassVar[tuple[str, ...]] = ("answer", "invalid", "timeout", "interrupt", HANGUP)

    text: Text = ""
    """Said first, where wanted."""
    fields: list[FormField] = Field(min_length=1, max_length=50)
    """What is asked for, in order."""
    save_to: Name | None = None
    """The variable that keeps the answers, an object by field name; where absent each field is a variable."""

    def sets(self) -> Iterator[str]:
        """The variable that keeps the answers, or one for each field."""
        yield from [field.name for field in self.fields] if self.save_to is None else [self.save_to]

    def unsure(self, exit: str) -> Iterator[str]:
        """What may be left out, by any exit."""
        left_out = (field.name for field in self.fields if not field.required and self.save_to is None)
        yield from self.sets() if exit in UNSURE_EXITS else left_out

    def check(self, place: Place) -> Iterator[Issue]:
        """Each field, their names, and what every asking node is checked for."""
        count = Counter(field.name for field in self.fields)
        for index, field in enumerate(self.fields):
            if count[field.name] > 1:
                text = f"Another field is called '{field.name}' too."
                yield issue("DUPLICATE_FIELD", text, pointer=f"/fields/{index}/name")
            for found in field.answer_issues():
                yield found.model_copy(update={"pointer": f"/fields/{index}{found.pointer}"})
        yield from super().check(place)

    def picked(self) -> Iterator[tuple[str, Pick]]:
        """The choices of all fields."""
        for index, field in enumerate(self.fields):
            yield from at(f"/fields/{index}", field.choices)

    def lower(self, place: Place) -> Iterable[Step]:
        """Forget what an earlier visit kept, say the text, then ask for each field."""
        parts = [f"field-{number}" for number in range(1, len(self.fields) + 1)]
        ways = [*map(place.id, parts), "!answer"]
        first = place.id("text") if self.text else ways[0]
        yield Assign(id=place.id(), node=place.node, values=self._nothing(), to=first)
        if self.text:
            yield Say(id=first, node=place.node, text=self.text, to=ways[0])
        for number, field in enumerate(self.fields):
            yield from self.asking(self._ask(place, field, parts[number], ways[number + 1], number))

    def _nothing(self) -> dict[str, Json]:
        return {field.name: None for field in self.fields} if self.save_to is None else {self.save_to: {}}

    def _ask(self, place: Place, field: FormField, part: str, then: str, before: int) -> Ask:
        path = field.name if self.save_to is None else f"{self.save_to}.{field.name}"
        return Ask(
            place,
            field.asked(),
            field,
            then,
            save_to=path,
            part=part,
            before=before,
            optional=not field.required,
        )
