"""Between the inbox and Temporal: a lane's rows become signals of its run, or start one."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from temporalio.client import Client

from dsl.channels import CHATWOOT
from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Control, Scene
from dsl.state import Loaded, RunInput
from intake.metrics import DELIVERIES
from intake.opening import by_digest, opened
from intake.reception import NotYet, Reception, handing, receive
from intake.runs import Chain, Runs, Start, Taken, Unreachable
from intake.triggers import Chosen
from intake.turns import Turns
from store import delivery, lanes
from store.batches import Batch
from store.database import Database
from store.delivery import Mark
from store.inbox import LEASE_SECONDS

__all__ = ["Busy", "Chain", "Gateway", "Unreachable"]

ROUNDS = 40
"""Batches in one delivery; a lane that has more is left to the relay."""
DELIVERY_SECONDS = LEASE_SECONDS - 3

_LOG = structlog.get_logger(__name__)


class Busy(Exception):
    """The lane has a run already: of `execution_id`, as far as that can be told."""

    def __init__(self, execution_id: str | None) -> None:
        super().__init__(execution_id)
        self.execution_id = execution_id


class Gateway:
    """The only door from our side to Temporal. `limits` go with every run it starts."""

    def __init__(self, db: Database, client: Client, limits: Limits | None = None) -> None:
        self._db = db
        # Deliveries can wait; nobody whom somebody waits for queues behind them.
        self._beside = db.sharing()
        self._runs = Runs(client)
        self._limits = limits or Limits()
        self.turns = Turns(db, self._runs, self._limits)
        self._delivering: set[str] = set()
        self._asked_again: set[str] = set()

    async def check(self, timeout: float) -> None:  # noqa: ASYNC109 (it is the call's own)
        """Return if Temporal serves within so many seconds; else `Unreachable`."""
        await self._runs.check(timeout)

    async def is_open(self, workflow_id: str, execution_id: str | None) -> bool:
        """Whether Temporal has an open run of that execution (None: of any); else `Unreachable`."""
        holder = await self._runs.holder(workflow_id, only_open=True)
        return holder is not None if execution_id is None else holder == execution_id

    async def cancel(self, chain: Chain) -> bool:
        """Ask an execution to stop where it rests; False where it does not run, `Unreachable` if unknown."""
        return await self._runs.cancel(chain)

    async def control(self, chain: Chain, control: Control, id: str) -> bool:
        """Pause, resume or checkpoint an execution, once for each id; False where it does not run."""
        return await self._runs.control(chain, control, id)

    async def deliver(
        self, workspace: str, lane: str, *, claimed: bool = False, batch: Batch | None = None
    ) -> bool:
        """Deliver a lane's unsent rows in order until none is left; False where that did not come off.

        Nothing is lost then: the rows stay as they are, and the relay comes back to them after a while.
        `claimed`: the caller holds the lane already, and knows perhaps the first `batch`. Does nothing where
        another process holds it, or where it rests after a failure.
        """
        if lane in self._delivering:
            self._asked_again.add(lane)
            return True
        self._delivering.add(lane)
        try:
            done = await self._while_asked(workspace, lane, claimed, batch)
            DELIVERIES.labels("done" if done else "left").inc()
            return done
        finally:
            self._delivering.discard(lane)
            self._asked_again.discard(lane)

    async def start_by_api(
        self,
        scene: Scene,
        *,
        plan: str,
        plans: Sequence[str] = (),
        name: str,
        workflow_id: str,
        trigger: dict[str, Any],
        contact: dict[str, Any],
        conversation: dict[str, Any],
        variables: dict[str, Any],
    ) -> str:
        """Start an execution, or find that it was; its id. `plans`: digests that its plan's subflows walk.

        Raises `Busy` where the conversation has another one, `Unreachable` where nobody knows.
        """
        lane = await lanes.lane_of(self._db, scene.workspace, scene.lane)
        run = RunInput(
            scene=scene, plan=Loaded(plan, None), plans=by_digest(plans),
            limits=self._limits, started_at=await self._db.now(),
            owner=lane.owner if lane and scene.channel in (None, CHATWOOT) else "bot",
            trigger={"event": "api", "channel": scene.channel, **trigger},
            contact=contact, conversation=conversation, variables=variables,
        )  # fmt: skip
        once = workflow_id.endswith(scene.execution_id)
        try:
            await self._runs.start(Start(run, workflow_id, name, once))
        except Taken:
            holder = scene.execution_id if once else await self._runs.holder(workflow_id)
            if holder != scene.execution_id:
                raise Busy(holder) from None
        await lanes.occupy(self._db, scene.workspace, scene.lane, scene.execution_id)
        return scene.execution_id

    async def _while_asked(self, workspace: str, lane: str, claimed: bool, batch: Batch | None) -> bool:
        """Whoever asks while a delivery comes to its end may have claimed the lane anew: it begins again."""
        while True:
            self._asked_again.discard(lane)
            ours = claimed or await delivery.claim(self._beside, workspace, lane)
            done = not ours or await self._guarded(workspace, lane, batch)
            if lane not in self._asked_again:
                return done
            claimed, batch = False, None

    async def _guarded(self, workspace: str, lane: str, batch: Batch | None) -> bool:
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await self._drain(workspace, lane, batch)
        except BaseException as error:
            await asyncio.shield(delivery.back_off(self._beside, workspace, lane))
            if not isinstance(error, Exception):
                raise
            # What it says may quote a message; what it is may not.
            _LOG.warning("delivery_failed", lane=lane, error=type(error).__name__)
            return False
        return True

    async def _drain(self, workspace: str, lane: str, batch: Batch | None) -> None:
        for _ in range(ROUNDS):
            batch = batch or await delivery.unsent(self._beside, workspace, lane)
            if batch is None or await self._pass_on(batch):
                return
            batch = None
        await delivery.back_off(self._beside, workspace, lane, first=0)

    async def _pass_on(self, batch: Batch) -> bool:
        """Give one batch to whom it belongs; True when the lane was let go."""
        if not batch.inputs:
            return await delivery.conclude(self._beside, batch, [])
        if batch.lane.execution_id is not None:
            return await self._to_run(batch, batch.lane.execution_id)
        if batch.newest is not None and batch.newest.active:
            return await self._to_run(batch, batch.newest.id, starting=batch.newest.starting)
        return await self._receive(batch)

    async def _to_run(self, batch: Batch, execution_id: str, *, starting: bool = False) -> bool:
        marks, wanted = await handing(self._beside, batch)
        if not wanted:
            return await delivery.conclude(self._beside, batch, marks)
        await self._put_aside(batch, [mark for mark in marks if mark.state != "handed"])
        if await self._runs.signal(batch.lane.workflow_id, wanted):
            return await delivery.conclude(self._beside, batch, marks)
        if starting:
            raise NotYet
        await lanes.vacate(self._beside, batch.lane.workspace, batch.lane.id, execution_id)
        return False

    async def _receive(self, batch: Batch) -> bool:
        reception = await receive(self._beside, batch)
        if reception.chosen is None:
            return await delivery.conclude(self._beside, batch, reception.marks, owner=reception.owner)
        return await self._begin(batch, reception, reception.chosen)

    async def _begin(self, batch: Batch, reception: Reception, chosen: Chosen) -> bool:
        """Start the chosen flow with the rows that open it; where a run is there already, they are its."""
        run = opened(batch.lane, chosen, reception.opening, self._limits)
        handed = [Mark(row.seq, "handed") for row in reception.opening]
        await self._put_aside(batch, reception.marks)
        started: Input | None = reception.opening[0]
        try:
            await self._runs.start(Start(run, batch.lane.workflow_id, chosen.name))
        except Taken:
            started = None
            if not await self._runs.signal(batch.lane.workflow_id, reception.opening):
                return False
        return await delivery.conclude(self._beside, batch, handed, owner=reception.owner, started=started)

    async def _put_aside(self, batch: Batch, marks: Sequence[Mark]) -> None:
        """What a run does not hear of is on record first: its end takes in all rows up to its last."""
        if marks:
            await delivery.conclude(self._beside, batch, marks, release=False)
