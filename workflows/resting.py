"""How a walk rests: what it hears, until when it waits, and what it does when the time has come.

Each call is one look; the loop comes back until a token has moved on.
"""

from datetime import datetime

from dsl import branches, hearing, moves, screens
from dsl.ending import Ending
from dsl.hearing import ANSWER, Fate, Group, applied, dues, fate_of, group_of, step_of, valued
from dsl.inputs import Input
from dsl.messages import CloseWait, Status
from dsl.plan import Sleep, Wait
from dsl.screens import DEAF
from dsl.state import Heard, Waiting
from workflows.acting import Acting


class Resting(Acting):
    """The rests of a walk."""

    @property
    def unread(self) -> tuple[Input, ...]:
        """What is to be heard now of what came in."""
        return hearing.audible(self.state, self.flying, self.effects.inbox.unread)

    async def rest(self) -> None:
        """What has come is taken first; then all wait for the next that is due or comes.

        What was heard and moved nothing goes on record before: the run may rest for days. What comes while
        that is written is still to be heard.
        """
        if self.land() or await self._looked():
            return
        if not self.flying:
            self.state = screens.closed(self.state)
        seen = self.effects.inbox.last_seq
        await self.settle()
        due, token = min(dues(self.plans, self.state, self.unread), default=(None, self.state.current))
        if await self._rested(due, seen):
            self.state = self.state.but(current=token)
            await self._due(due)

    async def _looked(self) -> bool:
        """Whether the branch that waits for people, or else the first that waits, took something in."""
        if self._reported():
            return True
        token = self.state.awaiting
        if token.waiting is None:
            token = next((one for one in self.state.tokens if one.waiting is not None), token)
        self.state, step = self.state.but(current=token.id), step_of(self.plans, self.state, token)
        if token.waiting is not None and isinstance(step, Wait) and step.expects not in DEAF:
            return await self._listen(step, token.waiting)
        if heard := self._overhears(token.waiting):
            await self.settle()
        return heard

    def _reported(self) -> bool:
        """Whether a branch heard of what it waits for: words of people do not stand before it."""
        found = hearing.reported(self.plans, self.state, self.effects.inbox.unread)
        if found is None:
            return False
        self.state, step, input, fate = found
        self._take(step, input, fate)
        self._leave(step, fate, Heard.of(input.event) if input.event else Heard())
        self.state = self.state.but(commits=True)  # it was not the next in line
        return True

    def _overhears(self, waiting: Waiting | None, *, dials: bool = True) -> bool:
        """Where nobody is asked words wait for the next question; all else is heard at once."""
        heard = hearing.asides(self.state, waiting, self.flying, self.unread)
        for input in (one for one in heard if dials or not one.interrupts):
            self._take(None, input, fate_of(self.state, None, input))
        return bool(heard)

    def _take(self, step: Wait | None, input: Input, fate: Fate) -> None:
        """An input consumed, whatever stands before it."""
        self.state = applied(self.plans, self.state, step, input, fate)
        self.effects.inbox = self.effects.inbox.less([input])

    async def begin_rest(
        self, kind: Status, until: datetime | None, seconds: int | None, expects: str | None = None
    ) -> None:
        if kind == "waiting_input":
            self.state = screens.asked(self.state, expects)
        waiting = Waiting(kind=kind, since=self.state.now, deadline=until, timeout=seconds, expects=expects)
        self.state = moves.rest(self.plans, self.state, waiting)
        await self.settle()

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

    async def _listen(self, step: Wait, waiting: Waiting, known: datetime | None = None) -> bool:
        """Take unread inputs in order while they were accepted in time; True when one ended the wait.

        `known`: all inputs accepted until then are here.
        """
        if step.expects in DEAF:
            return self._reported()
        while (unread := self.unread) and waiting.in_time(unread[0]):
            group = group_of(self.state, step, unread, waiting)
            if group is not None:
                decided = group.closed or (known is not None and group.due <= known)
                return decided and await self._settle_on(step, group)
            input, fate = unread[0], fate_of(self.state, step, unread[0], self.line)
            if fate.anew:
                self.state = self.state.but(ending=Ending.anew(input.seq))
                return True
            self._take(step, input, fate)
            if fate.leaves is not None:
                self._leave(step, fate, Heard.of(input.event) if input.event else Heard())
            if self.state.ending is not None or self.state.token.waiting is None:
                return True
        return False

    async def _settle_on(self, step: Wait, group: Group) -> bool:
        """The messages' fates, and on with the answer; the next effect commits that no other one came."""
        assert step.gather is not None
        policy = step.gather.policy
        for input, how in group.fates(policy):
            self.state = moves.consumed(self.state, input, how)
        self.effects.inbox = self.effects.inbox.less(group.inputs)
        self._overhears(self.state.token.waiting, dials=False)  # it may be what ended the quiet period
        if len(group.inputs) > 1 and step.gather.text is not None:
            await self.interject(screens.words(self.scope(), step.gather.text))
        self.state = self.state.but(commits=True)
        self._leave(step, Fate(ANSWER, leaves=ANSWER), group.said(policy))
        return True

    def _leave(self, step: Wait, fate: Fate, said: Heard) -> None:
        """Out of a wait, by what was said in it."""
        self.state = moves.heard(self.state, said)
        if fate.interrupt is not None:
            self.state = branches.interrupted(self.plans, self.state, step, fate.interrupt)
            self.go(fate.interrupt.to)
        elif fate.leaves is not None:
            self.state = valued(self.state, step, fate, said)
            self.go(step.to.get(fate.leaves, f"!{fate.leaves}"))

    async def _due(self, due: datetime | None) -> None:
        """The time has come that the token waited for."""
        step, waiting = step_of(self.plans, self.state), self.state.token.waiting
        if waiting is None or due is None:
            return
        if isinstance(step, Sleep):
            self._woken(waiting, step.to)
            self.state = self.state.but(commits=True)
        elif isinstance(step, Wait):
            await self._waited(step, waiting, due)

    async def _waited(self, step: Wait, waiting: Waiting, due: datetime) -> None:
        if group_of(self.state, step, self.unread, waiting) is not None:
            await self._answered(step, waiting, due)
        elif due != waiting.deadline:
            await self._remind(step, waiting, due)
        elif not await self._answered(step, waiting, due):
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
            more = closed.more and self.effects.inbox.last_seq > seen
            if await self._listen(step, waiting, None if more else deadline):
                return True
        return False

    async def _remind(self, step: Wait, waiting: Waiting, due: datetime) -> None:
        self.state = self.state.at(due)
        await self.interject(screens.words(self.scope(), step.reminders[waiting.reminded].text))
        self.state = self.state.with_token(waiting=waiting.but(reminded=waiting.reminded + 1))
