"""The Temporal shell around the walk: the only module of the house that is a workflow."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import FailureError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from dsl import messages as m
    from dsl.inputs import Input
    from dsl.plan import Call
from dsl import screens
from dsl.allowance import Allowance
from dsl.details import Details
from dsl.hearing import BUSY
from dsl.inbox import Inbox
from dsl.model import Json
from dsl.standing import lost
from dsl.state import RunInput, State
from dsl.turns import Screen, Shown
from workflows.walk import Walk

T = TypeVar("T")
ABANDON = workflow.HandlerUnfinishedPolicy.ABANDON

ONCE = RetryPolicy(maximum_attempts=1)
FOREVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""Our own fault is never an exit: it is tried again until it is mended (protocols 2.9)."""
LOCAL = timedelta(seconds=3)
ORDINARY = 30.0
"""Seconds of an ordinary activity of ours: one that reached no worker is given out again after them."""


@workflow.defn(name=m.WORKFLOW)
class FlowWorkflow:
    """One execution: inputs come by `deliver`, the walk takes them in turn."""

    @workflow.init
    def __init__(self, run: RunInput) -> None:
        self.run_input = run
        self.inbox = run.inbox or Inbox.opened(run.opening_rows, run.limits)
        self.first_run = run.first_run or workflow.info().first_execution_run_id
        self.asked_to_stop, self.stopped_in, self.expired = False, 0, False
        self.held, self.checkpoint = run.held, False
        self.details, self.allowance = Details(), Allowance()
        self.fires, self.fired = 0, datetime.min.replace(tzinfo=run.started_at.tzinfo)
        self.armed: datetime | None = None
        self.landed: dict[int, m.Report] = {}
        self.looks, self.turns_before = 0, run.state.turns if run.state else 0
        self.walk: Walk | None = None
        self.values: dict[str, Json] = {}
        self.calling, self.over = False, False

    @workflow.run
    async def run(self, run: RunInput) -> None:
        """Walk to the end, or continue as new; a cancellation is data, honoured where the walk rests."""
        plans = {loaded.digest: loaded.plan for loaded in (run.plan, *run.plans) if loaded.plan is not None}
        missing = [loaded.digest for loaded in (run.plan, *run.plans) if loaded.digest not in plans]
        if missing:
            gone = lost(run, missing[0], self.inbox, self.first_run, self.stamp())
            await self.perform(m.Perform(flush=gone))
            return
        self.walk = Walk(plans, run, self, self.first_run)
        walking = asyncio.create_task(self._walked(self.walk))
        while not walking.done():
            try:
                await asyncio.shield(walking)
            except asyncio.CancelledError:
                self.asked_to_stop, self.stopped_in = True, _task()
        state = walking.result()
        if state.ending is None:
            workflow.continue_as_new(self._carried(state))
        self.over = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        if state.ending.status == "cancelled":
            raise asyncio.CancelledError

    async def _walked(self, walk: Walk) -> State:
        """To the end, or to where it may continue as new: not with a cancellation or a `set`, to be lost."""
        state = await walk.run()
        while state.ending is None:
            await self._answered()
            if not self.asked_to_stop and not self.values:
                break
            state = await walk.run()
        return state

    @workflow.signal(name=m.DELIVER, description="Inbound events of the lane, oldest first.")
    def deliver(self, batch: RawValue) -> None:
        """Take inputs in; what cannot be read is kept as unreadable, never dropped with the others."""
        values = workflow.payload_converter().from_payload(batch.payload)
        read = [Input.tolerant(value) for value in values] if isinstance(values, list) else [None]
        inputs = [input for input in read if input is not None]
        if len(inputs) < len(read):
            workflow.logger.error("inputs could not be read, nor their places in the lane")
        self.inbox = self.inbox.taking(inputs, self.run_input.limits)

    @workflow.update(name=m.CONTROL, description="Pause, resume, or continue as new.")
    def control(self, control: m.Control) -> None:
        """Noted here, applied by the walk at its next step, before inputs."""
        self.allowance.commands += 1
        self.held = control.command == "pause" or (self.held and control.command != "resume")
        self.checkpoint = self.checkpoint or control.command == "checkpoint"
        self.values = {**self.values, **control.values}
        if control.command == "expire":
            self.expired = self.expired or not self.asked_to_stop
            self.asked_to_stop, self.stopped_in = True, _task()

    @workflow.update(name=m.TURN, description="The same, of people on the line.", unfinished_policy=ABANDON)
    async def turn(self, inputs: list[Input]) -> Shown:
        """The screen of the last one; none where the run is over without, and it begins the next.

        What is not answered when the run continues as new is asked again of the next one.
        """
        self.inbox = self.inbox.taking(inputs, self.run_input.limits)
        seq = inputs[-1].seq
        await workflow.wait_condition(lambda: self._busy(seq) or not self._pending(seq))
        self.allowance.commands += 1
        if self.walk and self._busy(seq):
            self.inbox = self.inbox.without(seq, BUSY)
            return Shown(screen=Screen.of(self.walk.line.busy_text))
        return screens.shown(self.walk.state, seq) if self.walk else Shown(screen=Screen())

    def _busy(self, seq: int) -> bool:
        """Whether the walk, and not a branch of it, is in a call while somebody new waits on the line."""
        walk = self.walk if self.calling else None
        return walk is not None and not walk.flying and self.inbox.interrupted(seq, walk.state.line)

    def _pending(self, seq: int) -> bool:
        """Whether the turn of an input is still to come to its end; with the run it does."""
        return not self.over and (self.walk is None or screens.pending(self.walk.state, self.inbox, seq))

    async def _answered(self) -> None:
        """An update completed in the task that continues as new would not be answered (temporal#6375)."""
        while self.allowance.commands > self.allowance.told:
            await self.breathe()

    def _carried(self, state: State) -> RunInput:
        carried = self.run_input.but(state=state, inbox=self.inbox, first_run=self.first_run, held=self.held)
        return carried.but(opening_rows=[], trigger={}, contact={}, conversation={}, variables={})

    # What the walk asks of the world

    def stamp(self) -> datetime:
        """Time of this workflow task."""
        return workflow.now()

    def cancelled(self, *, before: bool = False) -> bool:
        """Whether a cancellation was asked for; `before`: in an earlier task than this one."""
        return self.asked_to_stop and not (before and self.stopped_in == _task())

    def expires(self) -> bool:
        """Whether its time is up."""
        return self.expired

    def holds(self) -> bool:
        """Whether the run was paused."""
        return self.held

    def given(self) -> dict[str, Json]:
        """What was set since this was asked last."""
        values, self.values = self.values, {}
        return values

    async def released(self) -> None:
        """Until it is resumed, or cancelled."""
        await self._until(lambda: self.asked_to_stop or not self.held)

    def should_continue(self, state: State) -> bool:
        """Turns, events or bytes beyond the limits, or the server's own suggestion."""
        info, turns = workflow.info(), state.turns - self.turns_before
        self.looks += 1
        if self.checkpoint or info.is_continue_as_new_suggested():
            return True
        size, unread = info.get_current_history_size(), bool(self.inbox.unread)
        return self.run_input.limits.reached(self.looks, turns, _task(), size, unread=unread)

    async def perform(self, request: m.Perform) -> m.Performed:
        """In one local activity, once; ordinary where that failed, or the task had its share."""
        workflow.set_current_details(self.details.ahead(request.flush))
        performed = None if request.ends_task else await self._local(m.PERFORM, request, m.Performed)
        if performed is None:
            name, asked = (m.PERFORM, request) if request.effects else (m.FLUSH, request.flush)
            performed = await self._ordinary(name, asked, m.Performed)
        else:
            self.allowance.spend(performed.elapsed, performed.size)
        workflow.set_current_details(self.details.done(request, performed))
        return performed

    async def attempt(self, attempt: m.Attempt) -> m.Report:
        """The ordinary activity named after the kind; it knows its tries by the ledger."""
        effect = attempt.effect
        self.calling = effect.activity != m.SEND_MESSAGE
        named = {
            "activity_id": f"{effect.node}#{effect.visit}.{effect.number}",
            "summary": effect.label[:100],
        }
        seconds = 2 * effect.options.timeout + ORDINARY
        try:
            return await self._ordinary(
                effect.activity, attempt, m.Report, seconds=seconds, task_queue=effect.options.queue, **named
            )
        except FailureError:  # an operator has given it up, and nobody knows what it did
            return m.Report(state="unknown")
        finally:
            self.calling = False

    def start(self, token: int, attempt: m.Attempt) -> None:
        """The same, beside what others do."""
        asyncio.create_task(self._fly(token, attempt))  # noqa: RUF006 (the workflow's own loop holds it)

    async def _fly(self, token: int, attempt: m.Attempt) -> None:
        self.landed[token] = await self.attempt(attempt)

    async def landing(self) -> None:
        """Until something has landed."""
        await self._until(lambda: bool(self.landed))

    async def pure(self, step: Call, args: dict[str, Any]) -> m.Outcome:
        """A call that touches nothing: local where that is allowed."""
        local = await self._local(step.activity, args, m.Outcome)
        return local if local is not None else await self._ordinary(step.activity, args, m.Outcome)

    async def close_wait(self, ask: m.CloseWait) -> m.ClosedWait:
        """Always ordinary: it decides by data, after the deadline (protocols 2.1)."""
        return await self._ordinary(m.CLOSE_WAIT, ask, m.ClosedWait)

    async def rest(self, due: datetime | None, seen: int) -> bool:
        """One timer, for the earliest that is due; an older one that fires only makes us look again."""
        while True:
            if self._stirred(seen):
                return False
            if due is not None and self.fired >= due:
                return True
            self._arm(due)
            fires = self.fires
            await self._until(lambda fires=fires: self._stirred(seen) or self.fires != fires)  # type: ignore[misc]

    def _stirred(self, seen: int) -> bool:
        """Whether anything but time has come for a walk at rest."""
        news = self.inbox.last_seq > seen or bool(self.landed)
        return news or self.asked_to_stop or self.held or self.checkpoint or bool(self.values)

    async def breathe(self) -> None:
        """The next workflow task."""
        with self.allowance.another():
            await workflow.sleep(timedelta(milliseconds=1))

    async def _until(self, come: Callable[[], bool]) -> None:
        """Until it has come: where it had not, in another workflow task."""
        if not come():
            with self.allowance.another():
                await workflow.wait_condition(come)

    def _arm(self, due: datetime | None) -> None:
        if due is not None and (self.armed is None or self.armed > due):
            self.armed = due
            asyncio.create_task(self._timer(due))  # noqa: RUF006 (the workflow's own loop holds it)

    async def _timer(self, due: datetime) -> None:
        await workflow.sleep(max(due - workflow.now(), timedelta(milliseconds=1)))
        self.fires, self.fired = self.fires + 1, max(self.fired, due)
        if self.armed == due:
            self.armed = None

    async def _local(self, name: str, argument: Any, result: type[T]) -> T | None:
        """The result of one local try; None where it failed, or is not allowed (protocols 2.3)."""
        if not self.allowance.one_more() or not self.run_input.limits.fast or self.asked_to_stop:
            return None
        try:
            outcome: T = await workflow.execute_local_activity(
                name,
                argument,
                result_type=result,
                schedule_to_close_timeout=LOCAL,
                retry_policy=ONCE,
                cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            )
        except FailureError:
            workflow.logger.warning("a local activity failed; it goes on as an ordinary one")
            return None
        return outcome

    async def _ordinary(
        self, name: str, argument: Any, result: type[T], *, seconds: float = ORDINARY, **more: Any
    ) -> T:
        more |= {"start_to_close_timeout": timedelta(seconds=seconds), "retry_policy": FOREVER}
        with self.allowance.another():
            outcome: T = await workflow.execute_activity(name, argument, result_type=result, **more)
        return outcome


def _task() -> int:
    """The workflow task that runs now, by the length of the history it began with."""
    return workflow.info().get_current_history_length()
