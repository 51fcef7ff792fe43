"""get_digits: asks a caller for keys."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from pydantic import Field, model_validator

from compiler.asking import HANGUP, TRIES
from compiler.calling import Key, Prompted, Seconds, Spoken, awaits
from dsl.conditions import Comparison
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.plan import Assign, Case, Choose, Step
from dsl.plan import Say as Speak
from dsl.spec import Name

SILENT = Comparison(left="{{@.text}}", operator="is_empty")


class GetDigits(Prompted):
    """Asks a caller for keys, and saves those that were pressed as a text (`0712`).

    Leaves by `timeout` when none were pressed in time. Where the tries are limited (`maxTries`, or `invalid`
    is connected) it asks again first: whoever pressed none, or not as many as `numDigits`.
    """

    exits: ClassVar[tuple[str, ...]] = ("answer", "timeout", "invalid", HANGUP)

    num_digits: int | None = Field(default=None, ge=1, le=64)
    """So many keys are an answer; where absent `finishOnKey` ends it."""
    timeout: Seconds | None = None
    """How long the next key is waited for; the provider's own time where absent."""
    finish_on_key: Key | None = None
    """The key that ends the answer; `#` where absent."""
    max_tries: int | None = Field(default=None, ge=1, le=20)
    """So many times it is asked; 3 where `invalid` is connected."""
    invalid_text: Spoken | None = None
    """Said before it is asked again."""
    save_to: Name | None = None
    """The variable that keeps the keys."""

    @model_validator(mode="after")
    def _has_a_prompt(self) -> Self:
        if self.text is None and self.play is None:
            raise ValueError("whoever is asked for keys hears a text or a sound file")
        return self

    def sets(self) -> Iterator[str]:
        """The variable that keeps the keys."""
        yield from () if self.save_to is None else (self.save_to,)

    def check(self, place: Place) -> Iterator[Issue]:
        """Silence and too few keys lead somewhere."""
        if not place.connected("timeout"):
            text = "The exit for a caller who presses no key, `timeout`, leads nowhere."
            yield issue("TIMEOUT_NOT_CONNECTED", text)
        if self.max_tries and self.num_digits and not place.connected("invalid"):
            yield issue("INVALID_NOT_CONNECTED", pointer="/maxTries")

    def lower(self, place: Place) -> Iterable[Step]:
        """say, wait, and keep the keys, leave, or ask again."""
        tries = self.max_tries or (TRIES if place.connected("invalid") else None)
        yield self.telling(place, place.id("wait"), self.text or "")
        yield awaits(place, "digits", place.id("read"))
        yield self._reading(place, tries)
        yield from self._again(place, tries) if tries else ()
        if self.save_to:
            values = {self.save_to: "{{@.text}}"}
            yield Assign(id=place.id("save"), node=place.node, values=values, to="!answer")

    def _reading(self, place: Place, tries: int | None) -> Step:
        """Where tries are limited as many keys as wanted are an answer, else any."""
        kept, again = place.id("save") if self.save_to else "!answer", place.id("again")
        case, rest = Case(condition=SILENT, to=again if tries else "!timeout"), kept
        if tries and self.num_digits is not None:
            pressed = Comparison(left="{{@.text | length}}", operator="eq", right=self.num_digits)
            case, rest = Case(condition=pressed, to=kept), again
        return Choose(id=place.id("read"), node=place.node, cases=(case,), to=rest)

    def _again(self, place: Place, tries: int) -> Iterator[Step]:
        """Once more with words, or out: by what was pressed last."""
        again, miss, ask, lost = map(place.id, ("again", "miss", "ask", "lost"))
        enough = Comparison(left="{{@.tries}}", operator="gte", right=tries)
        out = lost if self.num_digits is not None else "!timeout"
        to = miss if self.invalid_text else ask
        yield Choose(id=again, node=place.node, cases=(Case(condition=enough, to=out),), to=to)
        if out == lost:
            silent = Case(condition=SILENT, to="!timeout")
            yield Choose(id=lost, node=place.node, cases=(silent,), to="!invalid")
        if self.invalid_text:
            yield Speak(id=miss, node=place.node, text=self.invalid_text, to=ask)
        yield self.telling(place, place.id("wait"), self.text or "", part="ask")
