"""The closer sweep: what was left by a run that is gone without a word comes to its end in the record."""

import asyncio
from contextlib import suppress

import structlog

from dsl.messages import Control
from intake.gateway import Chain, Gateway, Unreachable
from store.database import Database
from store.dead_letters import totals
from store.doubts import LOOKS_A_MINUTE, Doubtful, Stray, doubtful, strays
from store.lanes import vacate
from store.retention import forget_settled
from store.sessions import Expired, expired

SWEEP_SECONDS = 60.0

_LOG = structlog.get_logger(__name__)


class Sweep:
    """Asks Temporal, a few times a minute, about executions and rows that have long been silent."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self._db = db
        self._gateway = gateway
        self._told: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep every minute until `stop`."""
        while not stop.is_set():
            try:
                await self._alert()
                await forget_settled(self._db)
                await self.expire()
                await self.once()
            except Exception as error:
                _LOG.warning("sweep_interrupted", error=type(error).__name__)
            await until(stop, SWEEP_SECONDS)

    async def once(self) -> int:
        """Look at those in doubt; how many were found closed. `Unreachable` leaves the rest for later."""
        asked = await doubtful(self._db)
        ended = 0
        for one in asked:
            ended += await self._settled(one)
        for stray in await strays(self._db, LOOKS_A_MINUTE - len(asked)):
            await self._sorted(stray)
        return ended

    async def expire(self) -> int:
        """Tell runs that the time of their session is up, once for each time that was set; how many heard."""
        told = await asyncio.gather(*map(self._expired, await expired(self._db)))
        return sum(told)

    async def _expired(self, one: Expired) -> bool:
        chain = Chain(one.workflow_id, one.id, one.first_run_id)
        try:
            return await self._gateway.control(chain, Control(command="expire"), f"expire:{one.expires_at}")
        except Unreachable:  # it is told in a minute; the others are told now
            return False

    async def _settled(self, one: Doubtful) -> bool:
        if await self._gateway.is_open(one.workflow_id, one.id):
            return False
        await vacate(self._db, one.workspace, one.lane, one.id)
        _LOG.warning("execution_terminated", execution_id=one.id, workflow_id=one.workflow_id)
        return True

    async def _sorted(self, stray: Stray) -> None:
        """What its run has seen is over; the rest is received again."""
        if not await self._gateway.is_open(stray.workflow_id, stray.execution_id):
            await vacate(self._db, stray.workspace, stray.lane, stray.execution_id)
            _LOG.warning("rows_without_a_run", lane=stray.lane, workflow_id=stray.workflow_id)

    async def _alert(self) -> None:
        """Say so when there are more dead letters than the last time, whoever gave them up."""
        now = await totals(self._db)
        for reason, count in now.items():
            if count > self._told.get(reason, 0):
                _LOG.error("dead_letters", reason=reason, count=count)
        self._told = now


async def until(stop: asyncio.Event, seconds: float) -> None:
    """Return when told to stop, or after so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
