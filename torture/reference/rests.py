"""What a branch waits for: a person, a deadline, a pause."""

from collections.abc import Callable
from itertools import takewhile
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from dsl.spec import Node
from torture.reference.case import Event, Json
from torture.reference.timeline import later

if TYPE_CHECKING:
    from torture.reference.waiting import Waiting

PERIODS = 10
"""So many quiet periods at the most make one answer."""
OTHERS = {"latest": "superseded", "merge": "merged", "reject": "rejected"}


class Said(NamedTuple):
    """What counts as said."""

    text: str
    value: Json = None


class Wait:
    """A rest that a person ends, or its deadline."""

    persons = True

    def __init__(
        self, by: "Waiting", node: Node, timeout: str | None, hears: Callable[[Event], str | None]
    ) -> None:
        self.by, self.node, self.timed, self.hears = by, node, timeout is not None, hears
        self.time, config = by.time, node.config
        limit = seconds(timeout) if timeout else (by.frame.spec.settings.session_ttl or inf)
        self.deadline = later(self.time.walked, limit)
        written = sorted(config.get("reminders", []), key=lambda one: seconds(one["after"]))
        self.reminders = [(later(self.time.walked, seconds(one["after"])), one["text"]) for one in written]
        policy = config.get("doubleText", "queue")
        self.policy = policy if policy in OTHERS and node.type != "transfer_agent" else None
        self.quiet = seconds(config.get("quietPeriod", "2s"))

    def due(self) -> float:
        """The end of a quiet period, the next reminder, the deadline: whichever is waited for now."""
        if group := self._group():
            return group[1]
        self.by.world.close = self.by.world.close or self.time.close_to(
            [due for due, _ in self.reminders[:1]]
        )
        return min([self.deadline, *(due for due, _ in self.reminders[:1])])

    def wake(self, due: float) -> str | None:
        """What the lane accepted in time counts, however late it comes; then a reminder, or the end."""
        if self._group():
            return self._late(due)
        if due == self.deadline:
            if exit := self._late(due):
                return exit
            self.time.consume(due)
            return "timeout" if self.timed else "expired"
        self.time.consume(due)
        self.by.interject(self.node, self.reminders.pop(0)[1])
        return None

    def _late(self, deadline: float) -> str | None:
        more = True
        while more:
            more = self.time.ask(deadline)
            if exit := self.hear(-inf if more else deadline):
                return exit
        return None

    def hear(self, known: float = -inf) -> str | None:
        """Take what was accepted in time; all that was accepted until `known` is here."""
        while self.time.first(self.deadline):
            if group := self._group():
                events, due, closed = group
                return self._settle(events) if closed or due <= known else None
            if exit := self.hears(self.time.take()):
                return exit
        return None

    def _group(self) -> tuple[list[Event], float, bool] | None:
        """The first messages that are one answer, when they are all there, and whether none can join them.

        They end with the quiet period, which each prolongs unless only the first counts, with another kind
        of input, with the deadline, and after ten periods.
        """
        first = self.time.first(self.deadline)
        answers = list(takewhile(lambda one: self.by.meaning(self.node, one) == "answer", self.time.unread))
        if self.policy is None or first is None or not answers:
            return None
        most = 1 if self.policy == "reject" else PERIODS
        last = min(later(first.accepted, most * self.quiet), self.deadline)
        group, due = [first], min(later(first.accepted, self.quiet), last)
        for event in answers[1:]:
            if event.accepted > due:
                break
            group.append(event)
            due = max(due, min(later(event.accepted, self.quiet), last))
        return group, due, len(group) < len(self.time.unread)

    def _settle(self, events: list[Event]) -> str:
        counts = events[0] if self.policy == "reject" else events[-1]
        for event in events:
            self.by.world.consumed(
                self.time.take(), "answer" if event is counts else OTHERS[str(self.policy)]
            )
        for event in self.time.overhear(self.deadline):  # it may be what ended the quiet period
            self.by.world.aside(event)
        text = self.node.config.get("rejectText")
        if len(events) > 1 and text is not None:
            self.by.interject(self.node, text)
        self.by.heard = Said(counts.text, counts.value)
        if self.policy == "merge":
            values = [event.value for event in events if event.value is not None]
            text = "\n".join(event.text for event in events if event.text)
            self.by.heard = Said(text, values[-1] if values else None)
        return "answer"


class Nap:
    """A pause: people's words wait for the next question; who has the word is heard at once."""

    persons = False

    def __init__(self, by: "Waiting", until: float) -> None:
        self.by, self.until = by, until

    def due(self) -> float:
        """When it is over."""
        return self.until

    def hear(self) -> None:
        """Changes of status, however many words came before them."""
        for event in self.by.time.overhear(self.until):
            self.by.world.aside(event)

    def wake(self, due: float) -> str:
        """It is over."""
        self.by.time.consume(due)
        return "next"


def seconds(written: str) -> float:
    """The model writes durations in seconds."""
    return float(written.removesuffix("s"))
