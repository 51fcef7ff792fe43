"""How a walk rests: what it hears, until when it waits, and what it does when the time has come.

Each call is one look; the loop comes back until a token has moved on.
"""

from collections.abc import Iterator
from datetime import datetime

from dsl import branches, moves
from dsl.hearing import ANSWER, Fate, Group, fate_of, group_of
from dsl.messages import Attempt, CloseWait, Input, Status
from dsl.model import Json
from dsl.plan import Say, Sleep, Step, Wait
from dsl.state import Heard, Token, Waiting
from workflows.acting import Acting


class Resting(Acting):
    """The rests of a walk."""

    async def rest(self) -> None:
        """What has come is taken first; then all wait for the next that is due or comes.

        What was heard and moved nothing goes on record before: the run may rest for days. What comes while
        that is written is still to be heard.
        """
        if self.land() or await self._looked():
            return
        seen = self.effects.inbox.last_seq
        await self.settle()
        due, token = min(self._dues(), default=(None, self.state.current))
        if await self._rested(due, seen):
            self.state = self.state.but(current=token)
            await self._due(due)

    def _dues(self) -> Iterator[tuple[datetime, int]]:
        """When tokens that rest are to be looked at, whatever comes."""
        for token in self.state.tokens:
            due = self._due_of(token)
            if due is not None:
                yield due, token.id

    def _due_of(self, token: Token) -> datetime | None:
        step, waiting = self._at(token), token.waiting
        if waiting is None or not isinstance(step, Wait):
            return waiting.deadline if waiting else None
        group = self._group(step, waiting)
        return group.due if group is not None else waiting.next_due(step.reminders)

    def _at(self, token: Token) -> Step:
        return self.plans[self.state.frame_of(token).plan].steps[token.step]

    async def _looked(self) -> bool:
        """Whether the branch that waits for people, or else the first that waits, took something in."""
        token = self.state.awaiting
        if token.waiting is None:
            token = next((one for one in self.state.tokens if one.waiting is not None), token)
        self.state, step = self.state.but(current=token.id), self._at(token)
        if token.waiting is not None and isinstance(step, Wait):
            return await self._listen(step, token.waiting)
        heard = self._overhears(token.waiting)
        if heard:
            await self.settle()
        return heard

    def _overhears(self, waiting: Waiting | None) -> bool:
        """Where nobody is asked words wait for the next question; who has the word is heard at once."""
        inbox = self.effects.inbox
        heard = [one for one in inbox.unread if one.tells_owner and (not waiting or waiting.in_time(one))]
        for input in heard:
            self._apply(input, fate_of(self.state, None, input))
        self.effects.inbox = inbox.but(unread=tuple(one for one in inbox.unread if one not in heard))
        return bool(heard)

    async def begin_rest(
        self, kind: Status, until: datetime | None, seconds: int | None, expects: str | None = None
    ) -> None:
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
        while (unread := self.effects.inbox.unread) and waiting.in_time(unread[0]):
            group = self._group(step, waiting)
            if group is not None:
                decided = group.closed or (known is not None and group.due <= known)
                return decided and await self._settle_on(step, group)
            input, fate = unread[0], fate_of(self.state, step, unread[0])
            self._apply(input, fate)
            self.effects.inbox = self.effects.inbox.but(unread=unread[1:])
            if fate.leaves is not None:
                self._leave(step, fate, Heard.of(input.event) if input.event else Heard())
                return True
        return False

    def _group(self, step: Wait, waiting: Waiting) -> Group | None:
        """The messages of which an answer is being made; None where each is one by itself."""
        return group_of(self.state, step, self.effects.inbox.unread, waiting) if step.gather else None

    async def _settle_on(self, step: Wait, group: Group) -> bool:
        """The messages' fates, and on with the answer; the next effect commits that no other one came."""
        assert step.gather is not None
        policy = step.gather.policy
        for input, how in group.fates(policy):
            self.state = moves.consumed(self.state, input, how)
        self.effects.inbox = self.effects.inbox.but(unread=self.effects.inbox.unread[len(group.inputs) :])
        self._overhears(self.state.token.waiting)  # it may be what ended the quiet period
        if len(group.inputs) > 1 and step.gather.text is not None:
            await self._interject(step, step.gather.text)
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
            if fate.leaves == ANSWER:
                self.state = moves.valued(self.state, step.node, said.text)
            self.go(step.to.get(fate.leaves, f"!{fate.leaves}"))

    def _apply(self, input: Input, fate: Fate) -> None:
        self.state = moves.consumed(self.state, input, fate.how)
        owner, opened = fate.owner or self.state.owner, fate.opens or {}
        self.state = self.state.but(owner=owner, trigger={**opened, **self.state.trigger})

    async def _due(self, due: datetime | None) -> None:
        """The time has come that the token waited for."""
        step, waiting = self._at(self.state.token), self.state.token.waiting
        if waiting is None or due is None:
            return
        if isinstance(step, Sleep):
            self._woken(waiting, step.to)
            self.state = self.state.but(commits=True)
        elif isinstance(step, Wait):
            await self._waited(step, waiting, due)

    async def _waited(self, step: Wait, waiting: Waiting, due: datetime) -> None:
        if self._group(step, waiting) is not None:
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
        await self._interject(step, step.reminders[waiting.reminded].text)
        self.state = self.state.with_token(waiting=waiting.but(reminded=waiting.reminded + 1))

    async def _interject(self, step: Wait, text: Json) -> None:
        """As an ordinary activity: its schedule event commits what led to it (protocols 2.2)."""
        if self.state.owner == "bot":
            effect = self.effect_of(Say(id=step.id, node=step.node, text=text, to=step.id))
            report = await self.effects.attempt(Attempt(scene=self.scene, effect=effect))
            self.state = moves.sent(self.state, report.outcome)
            if self.effects.cancelled(before=True):
                self.stopped()
