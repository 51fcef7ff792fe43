"""The Temporal shell around the walk: the only module of the house that is a workflow."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import FailureError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from dsl import messages as m
    from dsl.plan import Call
from dsl.details import Details
from dsl.state import Inbox, RunInput, State
from workflows.walk import Walk

T = TypeVar("T")

ONCE = RetryPolicy(maximum_attempts=1)
FOREVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""Our own fault is never an exit: it is tried again until it is mended (protocols 2.9)."""
LOCAL = timedelta(seconds=3)
ORDINARY = 60.0
"""Seconds of an ordinary activity of ours."""
TASK_LOCALS, TASK_SECONDS, TASK_BYTES = 8, 1.0, 512 * 1024
"""Local activities, seconds of them, and bytes of their results, in one workflow task."""


@workflow.defn(name=m.WORKFLOW)
class FlowWorkflow:
    """One execution: inputs come by `deliver`, the walk takes them in turn."""

    @workflow.init
    def __init__(self, run: RunInput) -> None:
        self.run_input = run
        self.inbox = run.inbox or Inbox().taking(run.opening_rows, run.limits)
        if run.inbox is None and run.opening_rows:
            self.inbox = self.inbox.but(unread=self.inbox.unread[1:])
        self.first_run = run.first_run or workflow.info().first_execution_run_id
        self.asked_to_stop, self.stopped_in = False, 0
        self.held, self.checkpoint, self.commanded_in = run.held, False, 0
        self.details = Details()
        self.fires, self.fired = 0, datetime.min.replace(tzinfo=run.started_at.tzinfo)
        self.armed: datetime | None = None
        self.landed: dict[int, m.Report] = {}
        self.looks, self.turns_before = 0, run.state.turns if run.state else 0
        self.task, self.locals, self.local_seconds, self.local_bytes = 0, 0, 0.0, 0

    @workflow.run
    async def run(self, run: RunInput) -> None:
        """Walk to the end, or continue as new; a cancellation is data, honoured where the walk rests."""
        plans = {loaded.digest: loaded.plan for loaded in (run.plan, *run.plans) if loaded.plan is not None}
        missing = [loaded.digest for loaded in (run.plan, *run.plans) if loaded.digest not in plans]
        if missing:
            await self._missing_plan(missing[0])
            return
        walk = Walk(plans, run, self, self.first_run)
        walking = asyncio.create_task(self._walked(walk))
        while not walking.done():
            try:
                await asyncio.shield(walking)
            except asyncio.CancelledError:
                self.asked_to_stop, self.stopped_in = True, _task()
        state = walking.result()
        if state.ending is None:
            workflow.continue_as_new(self._carried(state))
        if state.ending.status == "cancelled":
            raise asyncio.CancelledError

    async def _walked(self, walk: Walk) -> State:
        """To the end, or to where it may continue as new: not with a cancellation, which would be lost."""
        state = await walk.run()
        while state.ending is None:
            await self._answered()
            if not self.asked_to_stop:
                break
            state = await walk.run()
        return state

    @workflow.signal(name=m.DELIVER, description="Inbound events of the lane, oldest first.")
    def deliver(self, batch: RawValue) -> None:
        """Take inputs in; what cannot be read is kept as unreadable, never dropped with the others."""
        values = workflow.payload_converter().from_payload(batch.payload)
        read = [m.Input.tolerant(value) for value in values] if isinstance(values, list) else [None]
        inputs = [input for input in read if input is not None]
        if len(inputs) < len(read):
            workflow.logger.error("inputs could not be read, nor their places in the lane")
        self.inbox = self.inbox.taking(inputs, self.run_input.limits)

    @workflow.update(name=m.CONTROL, description="Pause, resume, or continue as new.")
    def control(self, control: m.Control) -> None:
        """Noted here, applied by the walk at its next step, before inputs."""
        self.commanded_in = _task()
        self.held = control.command == "pause" or (self.held and control.command != "resume")
        self.checkpoint = self.checkpoint or control.command == "checkpoint"

    async def _answered(self) -> None:
        """An update completed in the task that continues as new would not be answered (temporal#6375)."""
        while self.commanded_in == _task():
            await self.breathe()

    def _carried(self, state: State) -> RunInput:
        carried = self.run_input.but(state=state, inbox=self.inbox, first_run=self.first_run, held=self.held)
        return carried.but(opening_rows=[], trigger={}, contact={}, conversation={}, variables={})

    async def _missing_plan(self, digest: str) -> None:
        error = m.ErrorInfo(code="PLAN_MISSING", message=f"There is no plan {digest[:12]}.")
        standing = m.Standing(
            status="failed", error=error, reason="PLAN_MISSING", last_seq=self.inbox.last_seq
        )
        flush = m.Flush(
            scene=self.run_input.scene, run=self.first_run, at=self.stamp(), number=2**31, standing=standing
        )
        await self.perform(m.Perform(flush=flush))

    # What the walk asks of the world

    def stamp(self) -> datetime:
        """Time of this workflow task."""
        return workflow.now()

    def cancelled(self, *, before: bool = False) -> bool:
        """Whether a cancellation was asked for; `before`: in an earlier task than this one."""
        return self.asked_to_stop and not (before and self.stopped_in == _task())

    def holds(self) -> bool:
        """Whether the run was paused."""
        return self.held

    async def released(self) -> None:
        """Until it is resumed, or cancelled."""
        await workflow.wait_condition(lambda: self.asked_to_stop or not self.held)

    def should_continue(self, state: State) -> bool:
        """Turns, events or bytes beyond the limits, or the server's own suggestion."""
        limits, info, turns = self.run_input.limits, workflow.info(), state.turns - self.turns_before
        self.looks += 1
        return (
            self.checkpoint
            or 0 < limits.every_steps < self.looks
            or turns >= (limits.burst_turns if self.inbox.unread else limits.turns)
            or info.get_current_history_length() >= limits.events
            or info.get_current_history_size() >= limits.history_bytes
            or info.is_continue_as_new_suggested()
        )

    async def perform(self, request: m.Perform) -> m.Performed:
        """In one local activity, once; ordinary where that failed, or the task had its share."""
        workflow.set_current_details(self.details.ahead(request.flush))
        performed = None if request.ends_task else await self._local(m.PERFORM, request, m.Performed)
        if performed is None:
            name, asked = (m.PERFORM, request) if request.effects else (m.FLUSH, request.flush)
            performed = await self._ordinary(name, asked, m.Performed)
        else:
            self.local_seconds += performed.elapsed
            self.local_bytes += performed.size
        workflow.set_current_details(self.details.done(request, performed))
        return performed

    async def attempt(self, attempt: m.Attempt) -> m.Report:
        """The ordinary activity named after the kind; it knows its tries by the ledger."""
        effect = attempt.effect
        return await self._ordinary(
            effect.activity,
            attempt,
            m.Report,
            activity_id=f"{effect.node}#{effect.visit}.{effect.number}",
            task_queue=effect.options.queue,
            seconds=2 * effect.options.timeout + ORDINARY,
            summary=effect.label[:100],
        )

    def start(self, token: int, attempt: m.Attempt) -> None:
        """The same, beside what others do."""
        asyncio.create_task(self._fly(token, attempt))  # noqa: RUF006 (the workflow's own loop holds it)

    async def _fly(self, token: int, attempt: m.Attempt) -> None:
        self.landed[token] = await self.attempt(attempt)

    async def landing(self) -> None:
        """Until something has landed."""
        await workflow.wait_condition(lambda: bool(self.landed))

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
            await workflow.wait_condition(lambda fires=fires: self._stirred(seen) or self.fires != fires)  # type: ignore[misc]

    def _stirred(self, seen: int) -> bool:
        """Whether anything but time has come for a walk at rest."""
        news = self.inbox.last_seq > seen or bool(self.landed)
        return news or self.asked_to_stop or self.held or self.checkpoint

    async def breathe(self) -> None:
        """The next workflow task."""
        await workflow.sleep(timedelta(milliseconds=1))

    def _arm(self, due: datetime | None) -> None:
        if due is not None and (self.armed is None or self.armed > due):
            self.armed = due
            asyncio.create_task(self._timer(due))  # noqa: RUF006 (the workflow's own loop holds it)

    async def _timer(self, due: datetime) -> None:
        await workflow.sleep(max(due - workflow.now(), timedelta(milliseconds=1)))
        self.fires, self.fired = self.fires + 1, max(self.fired, due)
        if self.armed == due:
            self.armed = None

    def _local_allowed(self) -> bool:
        """None while a cancellation is pending; only so many in one workflow task (protocols 2.3)."""
        if self.task != (here := _task()):
            self.task, self.locals, self.local_seconds, self.local_bytes = here, 0, 0.0, 0
        self.locals += 1
        wanted = self.run_input.limits.fast and not self.asked_to_stop
        spent = self.local_seconds >= TASK_SECONDS or self.local_bytes >= TASK_BYTES
        return wanted and self.locals <= TASK_LOCALS and not spent

    async def _local(self, name: str, argument: Any, result: type[T]) -> T | None:
        """The result of one local try; None where it failed or is not allowed, and is to be made ordinary."""
        if not self._local_allowed():
            return None
        try:
            outcome: T = await workflow.execute_local_activity(
                name,
                argument,
                result_type=result,
                start_to_close_timeout=LOCAL,
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
        timeout = timedelta(seconds=seconds)
        outcome: T = await workflow.execute_activity(
            name, argument, result_type=result, start_to_close_timeout=timeout, retry_policy=FOREVER, **more
        )
        return outcome


def _task() -> int:
    """The workflow task that runs now, by the length of the history it began with."""
    return workflow.info().get_current_history_length()
