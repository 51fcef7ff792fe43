"""The world of a simulated walk: a virtual clock, inputs at once, effects that only mocks answer."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from activities.answers.parse import parse_answer
from activities.evaluation.evaluate import evaluate
from activities.evaluation.sandbox import Sandbox
from dsl import messages as m
from dsl.durations import after
from dsl.inbox import Inbox
from dsl.inputs import Inbound, Input
from dsl.model import Json
from dsl.plan import Call
from dsl.screens import LINES
from dsl.state import State
from dsl.turns import Turned
from simulator.answers import NOBODY_THERE, OPTED_OUT, Answer, Answers
from simulator.bounds import LIMITS
from simulator.errors import Halted
from simulator.hearing import heard, texted_to
from simulator.trace import Answered, Utterance

LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Calendars end in the year 9999; no step takes more than a few years."""


class Flight(NamedTuple):
    """An effect under way; those that end first come first."""

    at: datetime
    number: int
    token: int
    report: m.Report


@dataclass
class World:
    """`Effects` of a walk. Time passes to `horizon`, and on for as long as an effect is under way."""

    now: datetime
    answers: Answers
    sandbox: Sandbox
    fates: Callable[[Iterable[m.Consumed]], None]
    """Is told what became of inputs."""
    turned: Callable[[Turned], None]
    """Is told of turns that are over."""
    inbox: Inbox = field(default_factory=Inbox)
    landed: dict[int, m.Report] = field(default_factory=dict)
    transcript: list[Utterance] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    """Since they were taken out."""
    rows: list[m.Row] = field(default_factory=list)
    opted_out: bool = False
    """Whether the person wants no texts."""
    horizon: datetime = field(init=False)
    due: datetime | None = None
    """The next timer, while nothing happens by itself."""
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether nothing happens by itself."""

    def __post_init__(self) -> None:
        self.horizon = self.now
        self._flights: list[Flight] = []
        self._ids, self._begun = 0, 0
        self._stirred = asyncio.Event()

    # Time, and what people do

    async def rest(self, due: datetime | None, seen: int) -> bool:
        """Effects under way end by themselves; for anything else somebody is waited for."""
        while not (self.inbox.last_seq > seen or self.landed):
            flight = min(self._flights, default=None)
            if flight is not None and (due is None or flight.at <= due):
                self._land(flight)
            elif due is not None and (flight is not None or due <= self.horizon):
                self._pass_to(due)
                return True
            else:
                await self._idle(due)
        return False

    async def _idle(self, due: datetime | None) -> None:
        self._pass_to(self.horizon)
        self.due = due
        self._stirred.clear()
        self.quiet.set()
        await self._stirred.wait()

    def stir(self) -> None:
        """Somebody has done something, or let time pass."""
        self.quiet.clear()
        self._stirred.set()

    def take(self, event: Inbound) -> Input:
        """Something a person has done, accepted and delivered now."""
        seq = self.inbox.last_seq + 1
        input = Input(id=f"input-{seq}", seq=seq, accepted_at=self.now, event=event)
        self.inbox = self.inbox.taking([input], LIMITS)
        return input

    def next_id(self) -> int:
        """Of a message, whoever wrote it: an answer's is higher than its question's."""
        self._ids += 1
        return self._ids

    def _pass_to(self, moment: datetime) -> None:
        if moment > LAST:
            raise Halted("TOO_LATE", f"The simulation goes on after the year {LAST.year}.")
        self.now = max(self.now, moment)
        self.horizon = max(self.horizon, self.now)

    def _land(self, flight: Flight) -> None:
        self._flights.remove(flight)
        self._pass_to(flight.at)
        self.landed[flight.token] = flight.report

    async def landing(self) -> None:
        """The next effect under way comes to its end."""
        if not self.landed:
            self._land(min(self._flights))

    async def close_wait(self, _: m.CloseWait) -> m.ClosedWait:
        """What was accepted was delivered at once."""
        return m.ClosedWait()

    async def breathe(self) -> None:
        """There are no tasks to be kept short; whoever drives the walk gets a turn."""
        await asyncio.sleep(0)

    def stamp(self) -> datetime:
        return self.now

    def cancelled(self, *, before: bool = False) -> bool:  # noqa: ARG002  the protocol's
        return False

    def expires(self) -> bool:
        return False

    def holds(self) -> bool:
        return False

    def given(self) -> dict[str, Json]:
        """Nobody sets variables from outside."""
        return {}

    async def released(self) -> None:
        """Nobody pauses it."""

    def should_continue(self, _: State) -> bool:
        return False

    # Effects and the record

    async def perform(self, request: m.Perform) -> m.Performed:
        """The record alone: the walk never runs ahead here."""
        self.rows += request.flush.rows
        self.fates(request.flush.consumed)
        for turned in request.flush.turned:
            self.turned(turned)
        return m.Performed(recorded=max((row.seq for row in request.flush.rows), default=0))

    async def attempt(self, attempt: m.Attempt) -> m.Report:
        """To its end, and so long does it take."""
        answer = self._answer(attempt)
        self._pass_to(after(self.now, answer.seconds))
        return self._ended(attempt, answer, self.now)

    def start(self, token: int, attempt: m.Attempt) -> None:
        """Beside others."""
        answer = self._answer(attempt)
        self._begun += 1
        at = after(self.now, answer.seconds)
        self._flights.append(Flight(at, self._begun, token, self._ended(attempt, answer, at)))

    def _answer(self, attempt: m.Attempt) -> Answer:
        id = self.next_id()
        if attempt.effect.activity == m.SEND_MESSAGE and attempt.scene.channel in LINES:
            return NOBODY_THERE
        if self.opted_out and texted_to(attempt) == attempt.scene.phone:
            return OPTED_OUT
        return self.answers.of(attempt.effect, id)

    def _ended(self, attempt: m.Attempt, answer: Answer, at: datetime) -> m.Report:
        effect, outcome = attempt.effect, (answer.report.outcome or m.Outcome()).but(at=at)
        self._tell(effect.activity, effect.args, outcome, mocked=answer.ordered)
        if answer.report.state == "done":
            self.transcript += heard(attempt, at)
        return answer.report.but(outcome=outcome)

    def _tell(self, activity: str, args: Any, outcome: m.Outcome, *, mocked: bool = False) -> None:
        told = {"exit": outcome.exit, "value": outcome.value, "error": outcome.error}
        self.answered.append(Answered(activity=activity, args=args, mocked=mocked, **told))

    async def pure(self, step: Call, args: dict[str, Any]) -> m.Outcome:
        """As a worker does it: for real."""
        try:
            outcome = await self._worked_out(step.activity, args)
        except (OSError, TimeoutError) as error:
            text = f"Code of the flow cannot be run on this machine ({type(error).__name__})."
            raise Halted("NO_SANDBOX", text) from error
        self._tell(step.activity, args, outcome)
        return outcome

    async def _worked_out(self, activity: str, args: dict[str, Any]) -> m.Outcome:
        return await evaluate(args, self.sandbox) if activity == m.EVALUATE else parse_answer(args)
