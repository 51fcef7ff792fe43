"""A world without Temporal: a virtual clock, a script of inputs, effects that are only written down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.answers.parse import parse_answer
from compiler.compile import compile_flow
from dsl.inbox import Inbox
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import (
    Attempt,
    ClosedWait,
    CloseWait,
    Effect,
    Flush,
    Outcome,
    Perform,
    Performed,
    Report,
    Scene,
)
from dsl.model import Json
from dsl.plan import Call, Plan
from dsl.state import Loaded, RunInput, State
from wiring.catalog import catalogue
from workflows.walk import Walk

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCENE = Scene(
    workspace="default",
    execution_id="018f0000-0000-7000-8000-000000000001",
    flow_id="018f0000-0000-7000-8000-0000000000f1",
    flow_version=1,
    lane="018f0000-0000-7000-8000-0000000000a1",
    connection="main",
    conversation="77",
    channel="chatwoot",
)


class OutOfScript(Exception):
    """The walk waits, and nothing more will happen."""


def plan_of(document: dict[str, Any]) -> Plan:
    """A flow compiled; its errors fail the test."""
    result = compile_flow(document, catalogue())
    assert result.plan is not None, result.errors
    return result.plan


def flow(nodes: list[dict[str, Any]], edges: list[tuple[str, ...]], **more: Any) -> dict[str, Any]:
    """A FlowSpec in short: edges are (from, to) or (from, exit, to); a start goes to the first node."""
    exits = [{"exit": edge[1]} if len(edge) == 3 else {} for edge in edges]
    drawn = [{"from": edge[0], "to": edge[-1], **exit} for edge, exit in zip(edges, exits, strict=True)]
    first = {"from": "start", "to": nodes[0]["id"]}
    drawing = {"nodes": [{"id": "start", "type": "start"}, *nodes], "edges": [first, *drawn]}
    return {"id": "f", "name": "F", **drawing, **more}


@dataclass
class World:
    """Each effect is done unless `verdict` says otherwise; time passes only while the walk rests.

    What is started beside others takes as long as `seconds` says of its node, else a second.
    """

    script: list[Input] = field(default_factory=list)
    verdict: Callable[[Effect], Report | None] = lambda _: None
    inbox: Inbox = field(default_factory=Inbox)
    now: datetime = START
    stop_at: datetime | None = None
    noticed: bool = False
    """Whether a cancellation was noticed in an earlier task than the one that runs."""
    pauses: list[tuple[float, float]] = field(default_factory=list)
    """Pauses: (from, until), seconds from the start."""
    limits: Limits = field(default_factory=Limits)
    done: list[Effect] = field(default_factory=list)
    flushes: list[Flush] = field(default_factory=list)
    ordinary: list[Effect] = field(default_factory=list)
    lane: list[Input] = field(default_factory=list)
    looks: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    """Turns whose callers were told something else meanwhile."""
    values: dict[str, Json] = field(default_factory=dict)
    """Set from outside, before the next step."""
    started: list[tuple[datetime, int, Attempt]] = field(default_factory=list)
    landed: dict[int, Report] = field(default_factory=dict)

    @property
    def said(self) -> list[str]:
        """What people have read."""
        return [str(effect.args["text"]) for effect in self.done if "text" in effect.args]

    @property
    def screens(self) -> list[tuple[int, str, bool]]:
        """What people on the line were shown: (seq of their input, texts, whether an answer is awaited)."""
        turned = [one for flush in self.flushes for one in flush.turned]
        return [(one.seq, "\n".join(s.text for s in one.screen.said), one.screen.open) for one in turned]

    @property
    def fates(self) -> list[tuple[int, str]]:
        """(seq, how) of all inputs, as recorded."""
        return [(one.seq, one.how) for flush in self.flushes for one in flush.consumed]

    def recorded(self) -> list[tuple[int, str, str, str | None]]:
        """(seq, node, phase, exit) of every line of the record, as it was flushed."""
        rows = (row for flush in self.flushes for row in flush.rows)
        return [(row.seq, row.node, row.phase, row.exit) for row in rows]

    def stamp(self) -> datetime:
        return self.now

    def cancelled(self, *, before: bool = False) -> bool:
        return self.stop_at is not None and self.now >= self.stop_at and (self.noticed or not before)

    def expires(self) -> bool:
        return False

    def holds(self) -> bool:
        return any(
            START + timedelta(seconds=a) <= self.now < START + timedelta(seconds=b) for a, b in self.pauses
        )

    def given(self) -> dict[str, Json]:
        values, self.values = self.values, {}
        return values

    async def released(self) -> None:
        end = START + timedelta(seconds=self.pauses.pop(0)[1])
        self.now = min(end, self.stop_at) if self.stop_at else end
        while self.script and self.script[0].accepted_at <= self.now:
            self.inbox = self.inbox.taking([self.script.pop(0)], self.limits)

    def should_continue(self, _state: State) -> bool:
        self.looks += 1
        return 0 < self.limits.every_steps < self.looks

    async def perform(self, request: Perform) -> Performed:
        reports: list[Report] = []
        for effect in request.effects:
            reports.append(self._one(effect))
            if not effect.went_as_expected(reports[-1]):
                break
        performed = zip(request.effects, reports, strict=False)
        done = sum(effect.went_as_expected(report) for effect, report in performed)
        rows = [row for row in request.flush.rows if row.after < done]
        consumed = [fate for fate in request.flush.consumed if fate.after < done]
        self.flushes.append(request.flush.but(rows=rows, consumed=consumed))
        late = [one.seq for one in request.flush.turned if one.seq in self.late]
        return Performed(reports=reports, recorded=max((row.seq for row in rows), default=0), late=late)

    async def attempt(self, attempt: Attempt) -> Report:
        self.ordinary.append(attempt.effect)
        report = self._one(attempt.effect)
        return self._done(attempt.effect) if report.state in ("later", "skipped") else report

    def _one(self, effect: Effect) -> Report:
        return self.verdict(effect) or self._done(effect)

    def _done(self, effect: Effect) -> Report:
        self.done.append(effect)
        outcome = Outcome(exit="next", value={"id": 100 + len(self.done)}, at=self.now)
        return Report(state="done", outcome=outcome)

    def start(self, token: int, attempt: Attempt) -> None:
        due = self.now + timedelta(seconds=self.seconds.get(attempt.effect.node, 1))
        self.started = sorted([*self.started, (due, token, attempt)], key=lambda one: one[:2])

    async def landing(self) -> None:
        if not self.landed:
            due, token, attempt = self.started.pop(0)
            self.now = max(self.now, due)
            self.landed[token] = await self.attempt(attempt)

    async def pure(self, step: Call, args: dict[str, Any]) -> Outcome:
        assert step.activity == "parse_answer"
        return parse_answer(args)

    async def rest(self, due: datetime | None, seen: int) -> bool:
        if self.inbox.last_seq > seen or self.landed:
            return False
        if self.pauses and (due is None or START + timedelta(seconds=self.pauses[0][0]) <= due):
            self.now = max(self.now, START + timedelta(seconds=self.pauses[0][0]))
            return False
        coming = self.script[0] if self.script else None
        if self.started and self.started[0][0] <= min(
            [moment for moment in (due, coming and coming.accepted_at) if moment], default=self.started[0][0]
        ):
            await self.landing()
            return False
        if coming is not None and (due is None or coming.accepted_at <= due):
            self.script.pop(0)
            self.now = max(self.now, coming.accepted_at)
            self.inbox = self.inbox.taking([coming], self.limits)
            return False
        if due is None:
            if self.stop_at is None:
                raise OutOfScript
            self.now = self.stop_at
            return False
        self.now = max(self.now, due)
        return not self.cancelled()

    async def close_wait(self, ask: CloseWait) -> ClosedWait:
        unseen = [input for input in self.lane if input.seq > ask.last_seq]
        return ClosedWait(inputs=[input for input in unseen if input.accepted_at <= ask.deadline])

    async def breathe(self) -> None:
        self.now += timedelta(milliseconds=1)


def message(seq: int, text: str, *, after: float = 0, value: Json = None, id: int | None = None) -> Input:
    """A person's message, accepted `after` seconds from the start."""
    event = Inbound(
        key=f"msg:{seq}",
        address="77",
        event="message_created",
        kind="message",
        text=text,
        value=value,
        message_id=id if id is not None else 1_000 + seq,
    )
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=after or seq), event=event)


def status(seq: int, status: str, owner: str) -> Input:
    """The conversation's status changed."""
    value = {"status": status, "owner": owner}
    event = Inbound(key=f"status:{seq}", address="77", event="status_changed", kind="status", value=value)
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=seq), event=event)


def run_input(plan: Plan, *, limits: Limits | None = None, **more: Any) -> RunInput:
    """The argument of a first run."""
    return RunInput(
        scene=SCENE, plan=Loaded("digest", plan), limits=limits or Limits(), started_at=START, **more
    )


async def walked(document: dict[str, Any], script: Sequence[Input] = (), **more: Any) -> tuple[State, World]:
    """A flow walked to its end with a script of inputs; `more` sets the world."""
    plan, world = plan_of(document), World(script=list(script), **more)
    run = run_input(plan, limits=world.limits)
    state = await walk_on(run, world)
    return state, world


async def walk_on(run: RunInput, world: World) -> State:
    """Walk, and continue as new through JSON as often as the walk asks for it."""
    plans = {loaded.digest: loaded.plan for loaded in (run.plan, *run.plans) if loaded.plan is not None}
    while True:
        world.looks = 0
        state = await Walk(plans, run, world, "first-run").run()
        if state.ending is not None:
            return state
        carried = run.model_copy(update={"state": state, "inbox": world.inbox})
        read = RunInput.model_validate_json(carried.model_dump_json(by_alias=True))
        run = read.model_copy(update={"plan": run.plan, "plans": run.plans})
        assert read.inbox is not None
        world.inbox = read.inbox
