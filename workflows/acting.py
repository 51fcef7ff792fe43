"""How a walk acts: effects performed with the record, and the way back to the first that was not done.

The walk runs ahead of effects whose outcome nothing reads, keeping the state at each; `settle` performs them
in one activity and, where one is not done, goes back to it and on from there (protocols 2.4).
"""

from dsl import messages as m
from dsl import moves, screens
from dsl.effects import Effects, Queued
from dsl.ending import Ending
from dsl.model import Json
from dsl.plain import plainly
from dsl.plan import Call, Plan, Say
from dsl.standing import flush_of
from dsl.state import RunInput
from dsl.templates import Scope
from dsl.turns import Line


class Acting:
    """The state of a walk, and its effects on the world."""

    def __init__(self, plans: moves.Plans, run: RunInput, effects: Effects, first_run: str) -> None:
        self.plans, self.scene, self.limits = plans, run.scene, run.limits
        self.effects, self.first_run = effects, first_run
        self.state = run.state or moves.begin(plans, run)
        self.batch: list[Queued] = []
        self.flying: dict[int, Say | Call] = {}
        """Steps whose effects were started and have not landed, by token."""
        self.fuel, self.kib = 0, self.state.size() // 1024

    @property
    def plan(self) -> Plan:
        """The plan that the token walks."""
        return self.plans[self.state.frame.plan]

    @property
    def line(self) -> Line:
        """How the flow behaves towards people on the line."""
        return self.plans[self.state.frames[0].plan].line

    def scope(self) -> Scope:
        """What templates see now."""
        return self.state.scope(self.scene)

    def here(self) -> m.Scene:
        """Who and where, as an effect is told it."""
        return screens.scene_of(self.scene, self.state, self.line)

    def go(self, target: str) -> None:
        """On to a target, unless the walk is over."""
        if self.state.ending is None:
            self.state = moves.go(self.plans, self.state, target)

    def bounded(self) -> None:
        """End the walk when its variables outgrew their bound."""
        size = self.state.size()
        self.kib = size // 1024
        self.no_larger(size, self.limits.variables_bytes)

    def no_larger(self, size: int, most: int) -> None:
        """End the walk where its values take more bytes than may be."""
        if size > most and self.state.ending is None:
            text = f"The execution's values take {size} bytes; {most} are allowed."
            self.state = self.state.failed("VARIABLES_TOO_LARGE", text)

    async def act(self, step: Say | Call) -> None:
        """Queue the effect and run ahead, or perform it now; a full batch goes first."""
        if len(self.batch) >= self.limits.batch:
            await self.settle()
            return
        if isinstance(step, Call) and step.ends_turn and self.state.turn is not None:
            self.state = screens.closed(self.state)
            await self.settle()
            return
        before, effect = self.state, self.effect_of(step)
        if not self._may_queue(step):
            if await self.settle() and self.state.ending is None:
                await self._attempt(effect, step)
            return
        self.batch.append(Queued(effect, step, before))
        self.state = self.state.but(ahead=len(self.batch))
        if not step.ahead:
            await self.settle()
        else:
            self.state = moves.ahead(self.plans, self.state, step, effect.ahead_with)

    def _may_queue(self, step: Say | Call) -> bool:
        texts = isinstance(step, Say) and self.here().channel == "sms"
        first = texts or (isinstance(step, Call) and step.first_only)
        fast = (isinstance(step, Say) or step.fast) and not (first and self.batch)
        alone = len(self.state.tokens) == 1
        return fast and alone and self.limits.fast and not self.state.commits

    def effect_of(self, step: Say | Call, args: dict[str, Json] | None = None) -> m.Effect:
        """The effect with its rendered arguments, numbered within the visit of its node."""
        token = self.state.token
        counts = {"steps": 0, "looped": 0} if isinstance(step, Call) else {}
        foreseen = step.foreseen(self.scope()) if isinstance(step, Call) else {}
        self.state = self.state.with_token(effects=token.effects + 1).but(**counts)
        return m.Effect(
            node=self.state.frame.path + step.node,
            visit=token.visit,
            number=token.effects + 1,
            activity=step.activity if isinstance(step, Call) else m.SEND_MESSAGE,
            args=step.rendered(self.scope()) if args is None else args,
            label=self.plan.nodes[step.node].label,
            options=step.options,
            **foreseen,
        )

    async def _attempt(self, effect: m.Effect, step: Say | Call) -> None:
        """As an ordinary activity; beside those of other branches, where there are any."""
        attempt = m.Attempt(scene=self.here(), effect=effect)
        if len(self.state.tokens) > 1:
            self.flying[self.state.current] = step
            self.effects.start(self.state.current, attempt)
            return
        self.state = self.state.but(commits=False)
        self._settled(step, await self.effects.attempt(attempt))
        if self.effects.cancelled(before=True):
            self.stopped()

    def stopped(self) -> None:
        """End the walk as cancelled, or expired."""
        self.state = self.state.but(ending=Ending.stopped(expired=self.effects.expires()))

    def land(self) -> bool:
        """Take in the first effect that has landed; a branch that was given up hears no more of it."""
        if not self.effects.landed:
            return False
        token = next(iter(self.effects.landed))
        step, report = self.flying.pop(token), self.effects.landed.pop(token)
        if any(one.id == token for one in self.state.tokens):
            ended = self.state.current if self.state.ending else token
            self.state = self.state.but(current=token)
            self._settled(step, report)
            self.state = self.state.but(current=ended)
        if self.state.ending is None and self.effects.cancelled(before=True):
            self.stopped()
        return True

    async def land_all(self) -> None:
        """What was started ends first."""
        while self.flying:
            await self.effects.landing()
            self.land()

    async def pure(self, step: Call) -> None:
        """A call without a trace in ledger or record."""
        args = step.rendered(self.scope())
        outcome = (plainly(args) if step.plain else None) or await self.effects.pure(step, args)
        self._settled(step, m.Report(state="failed" if outcome.error else "done", outcome=outcome))

    def _settled(self, step: Say | Call, report: m.Report) -> None:
        """The walk goes on from an effect whose end is known, or known to be unknown."""
        outcome = report.told()
        self.state = self.state.at(outcome.at)
        if isinstance(step, Say):
            self.state = moves.after_say(self.plans, self.state, step, outcome)
        else:
            self.state = moves.after_call(self.plans, self.state, step, outcome)
            self.bounded()

    async def settle(
        self, status: m.Status = "running", *, news: bool = False, ends_task: bool = False
    ) -> bool:
        """Perform what was run ahead of, with the record. False: one was not done, the walk is behind it."""
        batch, self.batch = self.batch, []
        fates = self.state.consumed or self.effects.inbox.refused or self.state.turned
        if not (batch or self.state.pending or fates or self.state.ending or news):
            return True
        scene, inbox, stamp = self.here(), self.effects.inbox, self.effects.stamp()
        flush = flush_of(self.plans, self.state, status, inbox, scene, self.first_run, stamp)
        effects = [one.effect for one in batch]
        ends_task = ends_task or screens.by_arrival(self.state)
        performed = await self.effects.perform(m.Perform(flush=flush, effects=effects, ends_task=ends_task))
        self.effects.inbox = self.effects.inbox.recorded(flush.consumed)
        if performed.superseded:
            self.state = self.state.but(ending=Ending(status="terminated", reason="superseded"))
            return True
        for index, queued in enumerate(batch):
            report = performed.reports[index] if index < len(performed.reports) else m.Report(state="skipped")
            if not queued.effect.went_as_expected(report):
                done = [one.outcome for one in performed.reports[:index]]
                await self._go_back(queued, performed.recorded, report, done)
                return False
        self.state = screens.told(self.state, performed.late)
        self.state = moves.recorded(self.state, [report.outcome for report in performed.reports])
        if batch and not batch[-1].step.ahead:
            self._settled(batch[-1].step, performed.reports[-1])
        if self.state.unsaid:
            await self._spill(screens.spoken(self.state.unsaid))
        return True

    async def _spill(self, unsaid: dict[str, Json]) -> None:
        """What came too late for its screen is said beside it, where the flow may."""
        self.state = self.state.but(unsaid=())
        if self.here().channel not in screens.LINES and unsaid["text"]:
            await self.interject(unsaid)

    async def interject(self, args: dict[str, Json]) -> None:
        """Say it as an ordinary activity: its schedule event commits what led to it (protocols 2.2)."""
        if self.state.owner == "bot":
            here = self.plan.steps[self.state.token.step]
            effect = self.effect_of(Say(id=here.id, node=here.node, text="", to=here.id), args)
            report = await self.effects.attempt(m.Attempt(scene=self.here(), effect=effect))
            self.state = moves.sent(self.state, report.outcome)
            if self.state.ending is None and self.effects.cancelled(before=True):
                self.stopped()

    async def _go_back(
        self, queued: Queued, recorded: int, report: m.Report, done: list[m.Outcome | None]
    ) -> None:
        """The state at the first effect not done; what was recorded until there is not written again."""
        self.state = moves.back(queued.before, recorded, done).with_token(effects=queued.effect.number)
        if report.state in ("later", "skipped"):
            await self._attempt(queued.effect, queued.step)
        else:
            self._settled(queued.step, report)
