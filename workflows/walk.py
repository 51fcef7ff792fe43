"""The interpreter: walks a plan's steps. Pure: what it needs of the world it asks of `Effects`."""

from datetime import datetime

from dsl.conditions import holds
from dsl.durations import later, woken
from dsl.messages import Attempt, CloseWait, ErrorInfo, Input, Status
from dsl.plan import Assign, Call, Choose, End, Say, Sleep, Step, Wait
from dsl.state import Ending, State, Waiting
from dsl.templates import render_deep
from workflows import moves
from workflows.acting import Acting
from workflows.listen import Fate, fate_of


class Walk(Acting):
    """One execution's walk; `run` returns when it ended, or is ready to continue as new."""

    async def run(self) -> State:
        """Step until the end, or until it is time to continue as new."""
        while True:
            if self.state.ending is not None:
                if await self._finished():
                    return self.state
            elif self.effects.holds():
                await self._stand_still()
            elif not self.batch and self.effects.should_continue(self.state):
                if self._fits():
                    return self.state
            else:
                await self._burn()
                await self._step(self.plan.steps[self.state.token.step])

    def _fits(self) -> bool:
        """Whether the state is small enough to be carried on; else the walk is over."""
        carried = (self.state, self.effects.inbox)
        self.no_larger(sum(len(part.model_dump_json()) for part in carried), self.limits.state_bytes)
        return self.state.ending is None

    async def _stand_still(self) -> None:
        """Paused: on record as such, until released; the first effect then commits that it was."""
        if not await self.settle("paused", news=True):
            return
        await self.effects.released()
        waiting = self.state.token.waiting
        if self.effects.cancelled():
            self.stopped()
        else:
            self.state = self.state.but(commits=True)
            await self.settle(waiting.kind if waiting else "running", news=True)

    async def _burn(self) -> None:
        """A step costs one, and a KiB each of what it may touch; a workflow task has only so much."""
        self.fuel += 1 + self.kib
        self.state = self.state.but(steps=self.state.steps + 1)
        if self.state.steps > self.limits.steps:
            self.state = self.state.failed("LOOP_LIMIT", "The flow walked too many steps without waiting.")
        if self.fuel > self.limits.fuel:
            self.fuel = 0
            await self.effects.breathe()

    async def _step(self, step: Step) -> None:
        match step:
            case _ if self.state.ending is not None:
                return
            case Say():
                await self._say(step)
            case Call():
                await (self.pure(step) if step.pure else self.act(step))
            case Wait():
                await self._wait(step)
            case Sleep():
                await self._sleep(step)
            case Choose():
                scope = self.scope()
                self.go(next((case.to for case in step.cases if holds(case.condition, scope)), step.to))
            case Assign():
                self._assign(step)
            case End():
                self._end(step)

    async def _say(self, step: Say) -> None:
        if self.state.owner == "human":  # a human has the word: the bot says nothing
            self.go(step.to)
        else:
            await self.act(step)

    def _assign(self, step: Assign) -> None:
        before = self.scope()
        for path, value in step.values.items():
            self.state = moves.assign(self.state, path, render_deep(value, before))
        self.bounded()
        self.go(step.to)

    def _end(self, step: End) -> None:
        results = {name: render_deep(value, self.scope()) for name, value in step.outputs.items()}
        ending = Ending(status="completed", reason=step.outcome, results=results or None)
        if step.outcome == "expired":
            ending = Ending(status="expired", reason="expired")
        elif step.outcome == "failed":
            ending = Ending(
                status="failed", reason="failed", error=ErrorInfo.unhandled(self.state.token.error)
            )
        self.state = moves.left(self.plan, self.state, None).but(ending=ending)

    # Rests: each call is one look; the loop comes back until the token has moved on.

    async def _wait(self, step: Wait) -> None:
        waiting = self.state.token.waiting
        if waiting is None:
            kind: Status = "handed_off" if step.expects == "handback" else "waiting_input"
            await self._begin_rest(kind, later(self.state.now, step.timeout), step.timeout, step.expects)
        elif not self._listen(step, waiting):
            # What was heard and moved nothing goes on record now: the run may rest for days. What comes
            # while that is written is still to be heard.
            seen = self.effects.inbox.last_seq
            await self.settle(waiting.kind)
            if await self._rested(waiting.next_due(step.reminders), seen):
                await self._due(step, waiting)

    async def _sleep(self, step: Sleep) -> None:
        waiting = self.state.token.waiting
        if waiting is None:
            scope = self.scope()
            until, seconds = render_deep(step.until, scope), render_deep(step.seconds, scope)
            await self._begin_rest("waiting_time", *woken(until, seconds, self.state.now))
        elif self._overhears(step, waiting):
            await self.settle(waiting.kind)
        elif await self._rested(waiting.deadline, self.effects.inbox.last_seq):
            self._woken(waiting, step.to)
            self.state = self.state.but(commits=True)

    def _overhears(self, step: Sleep, waiting: Waiting) -> bool:
        """During a delay people's words wait for the next question; who has the word is heard at once."""
        inbox = self.effects.inbox
        heard = [input for input in inbox.unread if waiting.overhears(input)]
        for input in heard:
            self._apply(input, fate_of(self.state, step, input))
        self.effects.inbox = inbox.but(unread=tuple(one for one in inbox.unread if one not in heard))
        return bool(heard)

    async def _begin_rest(
        self, kind: Status, until: datetime | None, seconds: int | None, expects: str | None = None
    ) -> None:
        waiting = Waiting(kind=kind, since=self.state.now, deadline=until, timeout=seconds, expects=expects)
        self.state = moves.rest(self.plan, self.state, waiting)
        await self.settle(kind)

    async def _rested(self, due: datetime | None, seen: int) -> bool:
        """Rest; True when the time is due. A cancelled execution ends here, when it has heard what came."""
        if self.state.ending is not None:
            return False
        if not self.effects.cancelled() and await self.effects.rest(due, seen):
            return True
        if self.effects.cancelled() and self.effects.inbox.last_seq == seen:
            self.stopped()
        return False

    def _woken(self, waiting: Waiting, target: str) -> None:
        self.state = self.state.at(waiting.deadline).with_token(waiting=None)
        self.go(target)

    def _listen(self, step: Wait, waiting: Waiting) -> bool:
        """Take unread inputs in order while they were accepted in time; True when one ended the wait."""
        while (unread := self.effects.inbox.unread) and not (
            waiting.deadline is not None and unread[0].accepted_at > waiting.deadline
        ):
            self.effects.inbox = self.effects.inbox.but(unread=unread[1:])
            fate = fate_of(self.state, step, unread[0])
            self._apply(unread[0], fate)
            if fate.leaves is not None:
                self.state = moves.heard(self.state, unread[0])
                self.go(step.to.get(fate.leaves, f"!{fate.leaves}"))
                return True
        return False

    def _apply(self, input: Input, fate: Fate) -> None:
        self.state = moves.consumed(self.state, input, fate.how)
        owner, opened = fate.owner or self.state.owner, fate.opens or {}
        self.state = self.state.but(owner=owner, trigger={**opened, **self.state.trigger})

    async def _due(self, step: Wait, waiting: Waiting) -> None:
        due = waiting.next_due(step.reminders)
        if due is not None and due != waiting.deadline:
            await self._remind(step, waiting, due)
        elif waiting.deadline is not None and not await self._answered(step, waiting, waiting.deadline):
            self._woken(waiting, step.to["timeout"])

    async def _answered(self, step: Wait, waiting: Waiting, deadline: datetime) -> bool:
        """Ask the lane: an answer accepted in time counts, however late it reaches us (protocols 2.1)."""
        more = True
        while more:
            seen = self.effects.inbox.last_seq
            ask = CloseWait(
                workspace=self.scene.workspace, lane=self.scene.lane, deadline=deadline, last_seq=seen
            )
            closed = await self.effects.close_wait(ask)
            self.effects.inbox = self.effects.inbox.taking(closed.inputs, self.limits)
            if self._listen(step, waiting):
                return True
            more = closed.more and self.effects.inbox.last_seq > seen
        return False

    async def _remind(self, step: Wait, waiting: Waiting, due: datetime) -> None:
        """As an ordinary activity: its schedule event commits that the reminder was due (protocols 2.2)."""
        self.state = self.state.at(due)
        if self.state.owner == "bot":
            text = step.reminders[waiting.reminded].text
            effect = self.effect_of(Say(id=step.id, node=step.node, text=text, to=step.id))
            report = await self.effects.attempt(Attempt(scene=self.scene, effect=effect))
            self.state = moves.sent(self.state, report.outcome)
        reminded = waiting.but(reminded=waiting.reminded + 1)
        self.state = self.state.with_token(waiting=reminded)

    async def _finished(self) -> bool:
        """The last flush; False while inputs came in behind it, or an effect took another way."""
        ending = self.state.ending
        if ending is not None and ending.status != "cancelled" and self.effects.cancelled():
            self.state = self.state.but(ending=ending.but(reason="cancelled_too_late"))
        unread = self.effects.inbox.unread
        for input in unread:
            self.state = moves.consumed(self.state, input, "unread_at_end")
        self.effects.inbox = self.effects.inbox.but(unread=())
        settled = await self.settle()
        left = () if settled else unread
        self.effects.inbox = self.effects.inbox.but(unread=(*left, *self.effects.inbox.unread))
        return settled and not self.effects.inbox.unread
