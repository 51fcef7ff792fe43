"""The walker's world: the case's events and fates, and troubles that must change nothing."""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from activities.answers.parse import parse_answer
from activities.evaluation.evaluate import Evaluation, matched
from compiler.compile import compile_flow
from dsl import messages as m
from dsl.digests import plan_digest
from dsl.inbox import Inbox
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.plan import Call, Plan, Sleep, Wait
from dsl.published import Published
from dsl.state import Loaded, RunInput, State
from torture.reference.case import FIRST_ID, REFUSAL, Account, Case, Done, Event, Json, Line, cause_of
from torture.reference.timeline import later
from wiring.catalog import catalogue
from workflows.walk import Walk

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOST_LOOKS = 20_000
SCENE = m.Scene(
    workspace="default", execution_id="x", flow_id="f", flow_version=1, lane="lane", channel="chatwoot"
)


class Mode(NamedTuple):
    """How a case is walked: `troubles` befall its effects one after another."""

    fast: bool = True
    every_steps: int = 0
    batch: int = 20
    troubles: tuple[str, ...] = ("none",)
    """`later`: the local try gave up waiting; `stopped`: it never came to this effect."""


def when(seconds: float) -> datetime:
    """The moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def plans_of(case: Case) -> tuple[Plan, dict[str, Plan]]:
    """The case's compiled flow, and all plans by digest; its subflows count as published before it."""
    plans, published, digest = dict[str, Plan](), dict[str, Published](), ""
    for flow in (*case.below, case.flow):
        result = compile_flow(flow, catalogue(), published)
        assert result.plan is not None, result.errors
        digest = str(result.digest)
        plans[digest] = result.plan
        published[flow["id"]] = _published(result.plan, digest, plans)
    return plans[digest], plans


def _published(plan: Plan, digest: str, plans: dict[str, Plan]) -> Published:
    """What publishing a plan would fix; all its ends give `out`."""
    steps = [step for one in (digest, *plan.plans) for step in plans[one].steps.values()]
    waits = any(isinstance(step, Wait) for step in steps)
    return Published(
        flow=plan.flow,
        version=1,
        digest=digest,
        outputs=("out",),
        plans=plan.plans,
        flows=frozenset(plans[one].flow for one in plan.plans),
        waits=waits,
        rests=waits or any(isinstance(step, Sleep) for step in steps),
        depth=1 + len(plan.plans),
    )


def input_of(event: Event) -> Input:
    """The event as the walk gets it."""
    inbound = None
    if event.kind != "unreadable":
        inbound = Inbound(
            key=f"k:{event.seq}",
            address="77",
            event="any",
            kind=event.kind,
            text=event.text,
            value=event.value,
            message_id=event.message_id,
            contact=event.contact,
        )
    return Input(id=f"row-{event.seq}", seq=event.seq, accepted_at=when(event.accepted), event=inbound)


class World:
    """`Effects` under a virtual clock; time passes while the walk rests, and while an effect takes long."""

    def __init__(self, case: Case, mode: Mode) -> None:
        self.case, self.mode = case, mode
        self.limits = Limits(fast=mode.fast, every_steps=mode.every_steps, batch=mode.batch)
        self.clock, self.looks, self.steps, self.stopped = 0.0, 0, 0, False
        self.troubles = cycle(mode.troubles)
        self.inbox = Inbox()
        self.coming = list(case.ahead)
        self.seen_again: list[Input] = []
        self.effects: list[Done] = []
        self.rows: dict[int, m.Row] = {}
        self.inputs: list[tuple[int, str]] = []
        self.standing = m.Standing(status="starting")
        self.sent = 0
        self.started: list[tuple[float, int, m.Attempt]] = []
        self.landed: dict[int, m.Report] = {}
        if case.triggered:
            self.inbox = Inbox().taking([input_of(case.events[0])], self.limits).but(unread=())
        self.pass_to(0)

    # Time and deliveries

    def pass_to(self, moment: float) -> None:
        """The clock moves on; what is delivered by then is in, doubled where the case says so."""
        self.clock = max(self.clock, moment)
        while self.coming and self.coming[0].delivered <= self.clock:
            event = self.coming.pop(0)
            batch = [*self.seen_again, input_of(event)]
            self.seen_again = [input_of(event)] if event.again else []
            self.inbox = self.inbox.taking(batch, self.limits)

    async def rest(self, due: datetime | None, seen: int) -> bool:
        due_in = inf if due is None else (due - START).total_seconds()
        while self.inbox.last_seq <= seen and not self.stopped and not self.landed:
            arrival = self.coming[0].delivered if self.coming else inf
            moment = min(arrival, due_in, self.case.stop_at)
            if self.started and self.started[0][0] <= moment:
                await self.landing()
                return False
            assert moment < inf, "the walk rests for ever"
            self.pass_to(moment)
            self.stopped = self.clock >= self.case.stop_at
            if due_in < arrival and not self.cancelled():
                return True
        return False

    async def close_wait(self, ask: m.CloseWait) -> m.ClosedWait:
        assert when(self.clock) >= ask.deadline
        lane = [input_of(event) for event in self.case.events if when(event.accepted) <= ask.deadline]
        unseen = [input for input in lane if input.seq > ask.last_seq]
        return m.ClosedWait(inputs=unseen[: self.case.page], more=len(unseen) > self.case.page)

    async def breathe(self) -> None:
        self.looks = 0

    def stamp(self) -> datetime:
        return when(self.clock)

    def cancelled(self, *, before: bool = False) -> bool:
        return not before and self.stopped

    def expires(self) -> bool:
        return False

    def holds(self) -> bool:
        return False

    def given(self) -> dict[str, Json]:
        """Nobody sets variables from outside."""
        return {}

    async def released(self) -> None:
        raise AssertionError("nobody paused it")

    def should_continue(self, _state: State) -> bool:
        """Not while effects are under way beside one another: the walk would let them end before any other
        branch begins, and the modes would differ in their times.
        """
        self.looks, self.steps = self.looks + 1, self.steps + 1
        assert self.steps < MOST_LOOKS, "the walk does not end"
        return 0 < self.mode.every_steps < self.looks and not self.started

    # Effects and the record

    async def perform(self, request: m.Perform) -> m.Performed:
        reports: list[m.Report] = []
        for effect in request.effects:
            trouble = next(self.troubles)
            if trouble == "stopped":
                break
            fate = self.case.fate(effect.node, effect.visit, effect.number)
            slow = trouble == "later" or fate.seconds > 0
            reports.append(m.Report(state="later") if slow else self._come_to(effect))
            if not effect.went_as_expected(reports[-1]):
                break
        return self._recorded(request, reports)

    async def attempt(self, attempt: m.Attempt) -> m.Report:
        return self._come_to(attempt.effect)

    def start(self, token: int, attempt: m.Attempt) -> None:
        due = later(self.clock, self._takes(attempt.effect))
        self.started = sorted([*self.started, (due, token, attempt)], key=itemgetter(0, 1))

    async def landing(self) -> None:
        if not self.landed:
            due, token, attempt = self.started.pop(0)
            self.pass_to(due)
            self.landed[token] = self._ended(attempt.effect, due)

    async def pure(self, step: Call, args: dict[str, Any]) -> m.Outcome:
        if step.activity == m.EVALUATE:
            return matched(Evaluation.model_validate(args))
        assert step.activity == m.PARSE_ANSWER
        return parse_answer(args)

    def _recorded(self, request: m.Perform, reports: list[m.Report]) -> m.Performed:
        """The record up to the first effect not done; what stood behind it goes."""
        performed = zip(request.effects, reports, strict=False)
        done = sum(effect.went_as_expected(report) for effect, report in performed)
        rows = [row for row in request.flush.rows if row.after < done]
        first = min((row.seq for row in request.flush.rows), default=inf)
        self.rows = {seq: row for seq, row in self.rows.items() if seq < first}
        self.rows |= {row.seq: row for row in rows}
        self.inputs += [(fate.seq, fate.how) for fate in request.flush.consumed if fate.after < done]
        self.standing = request.flush.standing
        return m.Performed(reports=reports, recorded=max((row.seq for row in rows), default=0))

    def _come_to(self, effect: m.Effect) -> m.Report:
        """The effect's end, as the case has it."""
        self.pass_to(later(self.clock, self._takes(effect)))
        return self._ended(effect, self.clock)

    def _takes(self, effect: m.Effect) -> float:
        return self.case.seconds(effect.node, effect.visit, effect.number)

    def _ended(self, effect: m.Effect, at: float) -> m.Report:
        fate = self.case.fate(effect.node, effect.visit, effect.number)
        key = effect.node, effect.visit, effect.number
        self.effects.append(Done(*key, effect.activity, _content(effect), fate.state))
        outcome = m.Outcome(at=when(at))
        if fate.state == "failed":
            error = m.ErrorInfo(code=REFUSAL, message="no", provider="chatwoot")
            outcome = outcome.but(exit="error", error=error)
        elif fate.state == "unknown":
            outcome = outcome.but(exit="unknown")
        else:
            outcome = self._done(effect, outcome)
        return m.Report(state=fate.state, outcome=outcome)

    def _done(self, effect: m.Effect, outcome: m.Outcome) -> m.Outcome:
        if effect.activity == m.SEND_MESSAGE:
            self.sent += 1
            return outcome.but(value={"id": FIRST_ID + self.sent - 1})
        if effect.activity == "update_contact":
            return outcome.but(value=effect.args["attributes"])
        if effect.activity == "api":
            fate = self.case.fate(effect.node, effect.visit, effect.number)
            return outcome.but(exit=fate.exit, value=fate.value)
        return outcome.but(value={"status": "open"})


def walked(case: Case, mode: Mode, compiled: tuple[Plan, dict[str, Plan]] | None = None) -> Account:
    """What the walker makes of a case, continued as new through JSON as often as the mode asks for it."""
    world, (plan, plans) = World(case, mode), compiled or plans_of(case)
    digest = plan_digest(plan)
    run = RunInput(
        scene=SCENE,
        plan=Loaded(digest, plan),
        limits=world.limits,
        started_at=START,
        trigger=case.trigger,
        contact=case.contact,
        variables=case.variables,
        owner="human" if case.owner == "human" else "bot",
        opening_rows=[input_of(event) for event in case.events[:1] if case.triggered],
    )
    while True:
        world.looks = 0
        state = _driven(Walk(plans, run, world, "first-run").run())
        if state.ending is not None:
            return _account(state, world)
        carried = run.but(
            state=state, inbox=world.inbox, opening_rows=[], trigger={}, contact={}, variables={}
        )
        read = RunInput.model_validate_json(carried.model_dump_json(by_alias=True))
        run, world.inbox = read.but(plan=run.plan), read.inbox or Inbox()


def _content(effect: m.Effect) -> Json:
    match effect.activity:
        case m.SEND_MESSAGE:
            return effect.args["text"]
        case "api":
            return {"url": effect.args["url"], "body": effect.args["body"]}
        case "update_contact":
            return effect.args["attributes"]
        case "add_label" | "remove_label":
            return effect.args["labels"]
        case "assign_agent":
            return effect.args
        case _:
            return None


def _driven(walking: Any) -> State:
    """The result of a coroutine that never waits for anything outside."""
    steps: Generator[Any, Any, State] = walking.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        state: State = stop.value
        return state
    raise AssertionError("the walk waits for something outside its world")


def _account(state: State, world: World) -> Account:
    assert state.ending is not None
    standing = world.standing
    assert list(world.rows) == list(range(1, len(world.rows) + 1)), "the record has gaps"
    return Account(
        status=standing.status,
        reason=standing.reason,
        cause=cause_of(standing.error.model_dump() if standing.error else None),
        variables=standing.variables,
        results=standing.results or {},
        contact=known_of(standing.contact),
        owner=standing.owner,
        path=_path(list(world.rows.values())),
        effects=world.effects,
        inputs=world.inputs,
    )


def known_of(contact: dict[str, Json]) -> dict[str, Json]:
    """What is known of a contact; no custom attributes are none."""
    return {name: value for name, value in contact.items() if value != {}}


def _path(rows: Sequence[m.Row]) -> list[Line]:
    return [Line(row.node, row.phase, row.exit) for row in rows]
