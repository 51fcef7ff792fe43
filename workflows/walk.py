"""The interpreter: walks a plan's steps. Pure: what it needs of the world it asks of `Effects`."""

from dsl import branches, frames, moves, screens
from dsl.conditions import holds
from dsl.durations import later
from dsl.hearing import KINDS
from dsl.messages import Outcome
from dsl.plan import Assign, Call, Choose, End, Fork, Join, Say, Sleep, Step, Subflow, Wait
from dsl.standing import ending_of
from dsl.state import State
from dsl.templates import render_deep
from dsl.waking import woken
from workflows.resting import Resting


class Walk(Resting):
    """One execution's walk; `run` returns when it ended, or is ready to continue as new."""

    async def run(self) -> State:
        """Step until the end, or until it is time to continue as new."""
        while True:
            if self.state.ending is not None:
                if await self._finished():
                    return self.state
            elif self.effects.holds():
                await self._stand_still()
            elif values := self.effects.given():
                self.state = moves.given(self.state, values)
                self.bounded()
                await self.settle(news=True)
            elif self._grown():
                await self.land_all()
                if self._fits() and not self.effects.cancelled():
                    return self.state
            elif await self._burn():
                await self._turn()

    async def _turn(self) -> None:
        """A step of the branch whose turn it is; where all of them rest, one look at what came."""
        ready = [one.id for one in self.state.tokens if one.waiting is None and one.id not in self.flying]
        if not ready or len(self.flying) >= self.limits.flying:
            await self.rest()
            return
        if self.state.current not in ready:
            self.state = self.state.but(current=ready[0])
        self.state = moves.stepped(self.state, self.limits)
        await self._step(self.plan.steps[self.state.token.step])

    def _grown(self) -> bool:
        """Whether to continue as new; not with a cancellation, of which the next run would not know, nor
        with somebody on the line, who has asked this one."""
        settled = not self.batch and self.state.turn is None and not self.effects.cancelled()
        return settled and self.effects.should_continue(self.state)

    def _fits(self) -> bool:
        """Whether the state is small enough to be carried on; else the walk is over."""
        carried = (self.state, self.effects.inbox)
        self.no_larger(sum(len(part.model_dump_json()) for part in carried), self.limits.state_bytes)
        return self.state.ending is None

    async def _stand_still(self) -> None:
        """Paused: on record as such, until released; the first effect then commits that it was."""
        if not await self.settle("paused", news=True) or self.state.ending is not None:
            return
        await self.effects.released()
        if self.effects.cancelled():
            self.stopped()
        else:
            self.state = self.state.but(commits=True)
            await self.settle(news=True)

    async def _burn(self) -> bool:
        """A step costs one, and one for a KiB or for 50 branches that it may touch; a task has only so much.

        False: the walk was set back to an effect that was not done.
        """
        self.fuel += 1 + self.kib + len(self.state.tokens) // 50
        if self.fuel <= self.limits.fuel:
            return True
        self.fuel = 0
        if len(self.state.pending) >= self.limits.pending:
            return await self.settle(ends_task=True)
        await self.effects.breathe()
        return True

    async def _step(self, step: Step) -> None:
        match step:
            case _ if self.state.ending is not None:
                return
            case Say():
                await self._say(step)
            case Call():
                await (self.pure(step) if step.pure else self.act(step))
            case Wait():
                kind = KINDS.get(step.expects, "waiting_input")
                await self.begin_rest(kind, later(self.state.now, step.timeout), step.timeout, step.expects)
            case Sleep():
                until = woken(step, self.scope(), self.state.now, self.plan.zone)
                await self.begin_rest("waiting_time", *until)
            case Choose():
                scope = self.scope()
                self.go(next((case.to for case in step.cases if holds(case.condition, scope)), step.to))
            case Assign():
                self._assign(step)
            case Fork() | Join() | Subflow() | End():
                self._cross(step)

    def _cross(self, step: Fork | Join | Subflow | End) -> None:
        """Into and out of branches and frames."""
        match step:
            case Fork():
                self.state = branches.forked(self.plans, self.state, step)
            case Join():
                self.state = branches.ended(self.plans, self.state, branches.JOINED)
            case Subflow():
                inputs = render_deep(step.inputs, self.scope())
                self.state = frames.entered(self.plans, self.state, step, inputs)
                self.bounded()
            case End():
                self._end(step)

    async def _say(self, step: Say) -> None:
        args = step.rendered(self.scope()) if self.state.turn else None
        if self.state.owner == "human" or (step.action and not args and not step.text):
            self.go(step.to)  # a human has the word; or it is said on calls only
        elif args is not None:
            self.state = screens.said(self.state, args)
            self.state = moves.after_say(self.plans, self.state, step, Outcome())
        else:
            await self.act(step)

    def _assign(self, step: Assign) -> None:
        scope = self.scope()
        values = {path: render_deep(value, scope) for path, value in step.values.items()}
        if step.loop is not None:
            self.state = moves.looped(self.state, step.loop, values)
        else:
            for path, value in values.items():
                self.state = moves.assign(self.state, path, value)
        self.bounded()
        self.go(step.to)

    def _end(self, step: End) -> None:
        """The end of all, or of no more than a side path, a subflow or a branch."""
        results = render_deep(step.outputs, self.scope())
        lost = step.outcome if step.outcome in ("failed", "expired") else None
        token, inside = self.state.token, self.state.frame.caller is not None
        self.state = moves.left(self.plans, self.state, None)
        if lost is None and branches.aside(self.state):
            self.state = branches.led_back(self.plans, self.state)
        elif token.fork is not None and lost == "failed":
            self.state = branches.ended(self.plans, self.state, branches.FAILED, token.error)
        elif inside:
            self.state = frames.returned(self.plans, self.state, results, lost, token.error)
            self.bounded()
        else:
            self.state = self.state.but(ending=ending_of(step.outcome, results or None, token))

    async def _finished(self) -> bool:
        """The last flush; False while inputs came in behind it, or an effect took another way."""
        await self.land_all()
        ending = self.state.ending
        asked = self.effects.cancelled() and not self.effects.expires()
        if ending is not None and ending.status != "cancelled" and asked:
            self.state = self.state.but(ending=ending.but(reason="cancelled_too_late"))
        if self.batch and screens.dials(self.effects.inbox):
            self.state = self.state.but(ending=None)  # what is left to the next run is left for good
            if not await self.settle():
                return False
            self.state = self.state.but(ending=ending)
        self.state = screens.closed(screens.left_over(self.state, self.effects.inbox))
        if self.state.ending is not None and self.state.ending.before is not None:
            self.effects.inbox = self.effects.inbox.until(self.state.ending.before)
        unread = self.effects.inbox.unread
        self.state = moves.unheard(self.state, unread)
        self.effects.inbox = self.effects.inbox.but(unread=())
        settled = await self.settle()
        left = () if settled else unread
        self.effects.inbox = self.effects.inbox.but(unread=(*left, *self.effects.inbox.unread))
        return settled and not self.effects.inbox.unread
