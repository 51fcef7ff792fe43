"""How a branch waits, and what an event means to it."""

from collections.abc import Callable
from itertools import takewhile
from math import inf
from typing import Literal, NamedTuple

from dsl.spec import Interruption, Node
from torture.reference.case import Event, Json
from torture.reference.speaking import Speaking
from torture.reference.timeline import later

Meaning = Literal["unreadable", "status", "opening", "to_human", "interrupt", "answer"]
PERIODS = 10
"""So many quiet periods at the most make one answer."""
OTHERS = {"latest": "superseded", "merge": "merged", "reject": "rejected"}


class Said(NamedTuple):
    """What counts as said."""

    text: str
    value: Json = None


class Waiting(Speaking):
    """A branch that hears."""

    heard = Said("")
    word: Interruption | None = None

    async def wait(self, node: Node, longest: str | None, hear: Callable[[Event], str | None]) -> str:
        """The exit a wait ends by; `expired` where only `sessionTtl` gave it a deadline."""
        self.world.check()
        self.line(node.id, "waiting")
        return await self.world.rest(self.process, Wait(self, node, longest, hear))

    def words(self, node: Node) -> dict[str, Interruption]:
        """The words that lead away from a node, as they are compared: small letters, single spaces."""
        every = {_plain(word): told for word, told in self.frame.spec.settings.interrupts.items()}
        wanted = node.config.get("interrupts", True)
        if isinstance(wanted, bool):
            return every if wanted else {}
        return {word: every[word] for word in map(_plain, wanted) if word in every}

    def meaning(self, node: Node, event: Event) -> Meaning:
        """What an event is to a question."""
        if event.kind == "unreadable" or event.kind == "status":
            return event.kind
        if self.world.opens(event):
            return "opening"
        if self.told.owner == "human":
            return "to_human"
        return "interrupt" if _plain(event.text) in self.words(node) else "answer"

    def hear(self, node: Node, event: Event) -> str | None:
        """Take an event in at a question; the exit by which it ends the wait."""
        meaning = self.meaning(node, event)
        if self.world.aside(event):
            return None
        self.world.consumed(event, meaning)
        self.heard, self.word = Said(event.text, event.value), self.words(node).get(_plain(event.text))
        return None if meaning == "to_human" else meaning

    def hand_back(self, event: Event) -> str | None:
        """What an event means while a human has the conversation."""
        status = event.value if event.kind == "status" and event.value["owner"] else {}
        exit = {"resolved": "resolved", "pending": "returned"}.get(status.get("status", ""))
        if exit is not None:
            self.told.owner = "bot"
            self.world.consumed(event, "interrupt")
            return exit
        if not self.world.aside(event):
            self.world.consumed(event, "to_human")
        return None


class Wait:
    """A rest that a person ends, or its deadline."""

    persons = True

    def __init__(
        self, by: Waiting, node: Node, timeout: str | None, hears: Callable[[Event], str | None]
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

    def __init__(self, by: Waiting, until: float) -> None:
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


def _plain(word: str) -> str:
    return " ".join(word.lower().split())
