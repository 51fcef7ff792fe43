"""How many workflow tasks a worker walks at a time: of runs that it does not hold, few."""

import asyncio
from contextlib import suppress
from threading import Lock

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

HELD, NOT_HELD = 16, 6
"""A task of a run that is not held walks all of the run first, up to a second of processor. More of those at
once than a processor walks in a task's time-out would all be lost, and begin anew, for ever."""
OTHERS = 100
"""Activities of each kind; the SDK's own default."""


class Pool:
    """Permits that are waited for on a loop, and given back by any thread."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = Lock()
        self._freed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def take(self) -> "Permit":
        """A permit, as soon as one is free."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._freed.clear()
            if permit := self.take_now():
                return permit
            await self._freed.wait()

    def take_now(self) -> "Permit | None":
        """A permit if one is free."""
        with self._lock:
            if self._free == 0:
                return None
            self._free -= 1
        return Permit(self)

    def give_back(self) -> None:
        """One is free again; at the worker's end its loop may be over."""
        with self._lock:
            self._free += 1
        if self._loop:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._freed.set)


class Permit(SlotPermit):
    """Of a pool, to walk one task."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class WorkflowSlots(CustomSlotSupplier):
    """Tasks of the worker's own queue are of runs that it holds; those it has started are like them."""

    def __init__(self, held: int = HELD, not_held: int = NOT_HELD) -> None:
        self._held, self._not_held = Pool(held), Pool(not_held)

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        return await (self._held if ctx.is_sticky else self._not_held).take()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:  # noqa: ARG002 (the SDK's)
        return self._held.take_now()

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """A permit counts from when it is taken."""

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        assert isinstance(ctx.permit, Permit)
        ctx.permit.pool.give_back()


def tuner() -> WorkerTuner:
    """For one worker: its slots are its own."""
    others = FixedSizeSlotSupplier(OTHERS)
    return WorkerTuner.create_composite(
        workflow_supplier=WorkflowSlots(),
        activity_supplier=others,
        local_activity_supplier=others,
        nexus_supplier=others,
    )
