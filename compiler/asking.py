"""What every node that asks has in common: deadline, reminders, tries, and the steps of asking."""

from collections.abc import Iterable, Iterator

from pydantic import Field

from compiler.answering import Ask
from compiler.choosing import offered
from compiler.gathering import Gathering
from compiler.interrupting import Interruptible
from dsl.conditions import Comparison
from dsl.durations import Duration
from dsl.issues import Issue, issue
from dsl.kind import Kind, Place
from dsl.model import Authored
from dsl.plan import Case, Choose, Reminder, Say, Step, Wait
from dsl.templates import Text

HANGUP = "hangup"
"""The exit of what waits, for a caller who hangs up."""
TRIES = 3
"""Answers taken where `invalid` is connected and `maxTries` not given."""


class Remind(Authored):
    """A text for somebody who does not answer."""

    after: Duration = Field(gt=0)
    """Since the wait began."""
    text: Text = Field(min_length=1)


class Prompting(Kind):
    """A kind that says something and waits for an answer to it."""

    text: Text = Field(min_length=1)
    """The question."""
    timeout: Duration | None = Field(default=None, gt=0)
    """How long to wait for the answer; `settings.sessionTtl` where absent."""
    reminders: tuple[Remind, ...] = Field(default=(), max_length=20)
    """Texts for somebody who does not answer."""
    max_tries: int | None = Field(default=None, ge=1, le=100)
    """So many invalid answers, then `invalid`; 3 where that exit is connected, else no limit."""
    invalid_text: Text | None = Field(default=None, min_length=1)
    """Said after an invalid answer; a default sentence and the question again where absent."""

    def check(self, place: Place) -> Iterator[Issue]:
        """Every wait ends, and every end leads somewhere."""
        if self.timeout is None and place.session_ttl is None:
            yield issue("NO_TIMEOUT")
        if self.timeout is not None and not place.connected("timeout"):
            yield issue("TIMEOUT_NOT_CONNECTED", pointer="/timeout")
        if self.max_tries is not None and not place.connected("invalid"):
            yield issue("INVALID_NOT_CONNECTED", pointer="/maxTries")
        limit = self.timeout or place.session_ttl
        for index, reminder in enumerate(self.reminders):
            if limit is not None and reminder.after >= limit:
                text = f"The reminder is due after {reminder.after} s, the wait ends after {limit} s."
                yield issue("REMINDER_AFTER_TIMEOUT", text, pointer=f"/reminders/{index}/after")

    def asking(self, one: Ask) -> Iterable[Step]:
        """Say and wait; a miss says so and waits again; an answer is read and kept, and goes on."""
        node, wait, choices = one.place.node, one.id("wait"), offered(one.answer.choices)
        yield Say(id=one.id(), node=node, text=one.text, choices=choices, to=wait)
        yield self._wait(one)
        yield Choose(id=one.id("again"), node=node, cases=self._gives_up(one), to=one.id("miss"))
        again = self.invalid_text or one.again()
        yield Say(id=one.id("miss"), node=node, text=again, choices=choices, to=wait)
        yield from one.reading()

    def _wait(self, one: Ask) -> Wait:
        reminders = sorted(
            (Reminder(after=r.after, text=r.text) for r in self.reminders), key=lambda r: r.after
        )
        return Wait(
            id=one.id("wait"),
            node=one.place.node,
            expects=one.answer.expects,
            choices=offered(one.answer.choices),
            timeout=self.timeout or one.place.session_ttl,
            reminders=tuple(reminders),
            to={
                "answer": one.heard,
                "timeout": "!timeout" if self.timeout else "!expired",
                **({HANGUP: f"!{HANGUP}"} if one.place.connected(HANGUP) else {}),
            },
        )

    def _gives_up(self, one: Ask) -> tuple[Case, ...]:
        """After so many invalid answers of the node: of all its answers, those before were valid."""
        tries = self.max_tries or (TRIES if one.place.connected("invalid") else None)
        if tries is None:
            return ()
        enough = Comparison(left="{{@.tries}}", operator="gte", right=tries + one.before)
        return (Case(condition=enough, to="!invalid"),)


class Asking(Interruptible, Gathering, Prompting):
    """A kind that asks and waits, whatever else people write meanwhile."""

    def check(self, place: Place) -> Iterator[Issue]:
        """What is checked of waits, of words that interrupt them, and of several messages at once."""
        yield from super().check(place)
        yield from self.gathering_issues()
        yield from self.interrupt_issues(place)

    def _wait(self, one: Ask) -> Wait:
        return (
            super()
            ._wait(one)
            .but(
                gather=self.gather(),
                interrupts=self.interrupting(one.place),
                asks=one.id() if one.part else None,
                before=one.before,
            )
        )
