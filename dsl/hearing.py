"""What an input means to a waiting walk."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from dsl.messages import Inbound, Input, Owner
from dsl.plan import Gather, Interrupt, Sleep, Wait
from dsl.state import Heard, State, Waiting
from dsl.words import folded

ANSWER = "answer"
MOST_PERIODS = 10
"""Nobody who writes on and on is waited for longer than so many quiet periods."""


class Fate(NamedTuple):
    """`how` an input is consumed, where it `leaves` by, the `owner` it makes, how it `opens` the run."""

    how: str
    leaves: str | None = None
    owner: Owner | None = None
    opens: dict[str, Any] | None = None
    interrupt: Interrupt | None = None


def fate_of(state: State, step: Wait | Sleep | None, input: Input) -> Fate:
    """The fate of one input; on a human's lane people's words are theirs."""
    expects = step.expects if isinstance(step, Wait) else None
    event = input.event
    if event is None:
        return Fate("unreadable")
    if event.kind == "status":
        return _status(event, expects)
    if event.kind == "opened" or _opening(state, event):
        return Fate("opening", opens=event.shown())
    if state.owner == "human" or expects == "handback":
        return Fate("to_human")
    interrupt = step.interrupts.get(folded(event.text or "")) if isinstance(step, Wait) else None
    if interrupt is not None:
        return Fate("interrupt", leaves="interrupt", interrupt=interrupt)
    return Fate(ANSWER, leaves=ANSWER)


def _status(event: Inbound, expects: str | None) -> Fate:
    """Whoever applies these in seq order writes the owner; a hand-over ends with them."""
    value = event.value if isinstance(event.value, dict) else {}
    if value.get("outdated"):
        return Fate("outdated")
    owner: Owner | None = value.get("owner") if value.get("owner") in ("bot", "human") else None
    exits = {"resolved": "resolved", "pending": "returned"}
    back = exits.get(str(value.get("status"))) if expects == "handback" and owner != "human" else None
    return Fate("interrupt" if back else "owner", leaves=back, owner=owner)


def _opening(state: State, event: Inbound) -> bool:
    """A message older than our first one was not written in answer to it."""
    known = state.first_sent is not None and event.kind == "message" and event.message_id is not None
    return known and (event.message_id or 0) < (state.first_sent or 0)


class Group(NamedTuple):
    """Messages to one question: `due` when no other one can belong to them; `closed`: none can any more."""

    inputs: tuple[Input, ...]
    due: datetime
    closed: bool

    def fates(self, policy: str) -> Iterator[tuple[Input, str]]:
        """What becomes of each."""
        counts = self.inputs[0] if policy == "reject" else self.inputs[-1]
        others = {"latest": "superseded", "merge": "merged", "reject": "rejected"}[policy]
        return ((input, ANSWER if input is counts else others) for input in self.inputs)

    def said(self, policy: str) -> Heard:
        """The answer that they make."""
        events = [input.event for input in self.inputs if input.event is not None]
        if policy != "merge":
            return Heard.of(events[0 if policy == "reject" else -1])
        return Heard(
            text="\n".join(event.text for event in events if event.text),
            value=next((event.value for event in reversed(events) if event.value is not None), None),
            attachments=[file for event in events for file in event.attachments],
            merged=_ids(self.inputs) if len(events) > 1 else [],
        )


def _ids(inputs: Sequence[Input]) -> list[int]:
    """As the provider calls the messages, where it does."""
    return [(input.event and input.event.message_id) or input.seq for input in inputs]


def group_of(state: State, step: Wait, unread: Sequence[Input], waiting: Waiting) -> Group | None:
    """The first answers among the inputs that came close upon each other; None where the first is none.

    Another input than an answer ends them, as do the wait's own deadline and too long a row of them.
    """
    answers = list(takewhile(lambda input: fate_of(state, step, input).leaves == ANSWER, unread))
    if step.gather is None or not answers or not waiting.in_time(answers[0]):
        return None
    due, last = _periods(step.gather, answers[0].accepted_at, waiting.deadline)
    period, count = timedelta(seconds=step.gather.seconds), 1
    while count < len(answers) and answers[count].accepted_at <= due:
        due, count = max(due, min(answers[count].accepted_at + period, last)), count + 1
    return Group(tuple(answers[:count]), due, closed=count < len(unread))


def _periods(gather: Gather, first: datetime, deadline: datetime | None) -> tuple[datetime, datetime]:
    """When the first quiet period ends, and when the last one does at the latest."""
    period = timedelta(seconds=gather.seconds)
    last = first + (period if gather.policy == "reject" else MOST_PERIODS * period)
    last = last if deadline is None else min(last, deadline)
    return min(first + period, last), last
