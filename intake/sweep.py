"""The closer sweep: executions whose run is gone without a word are ended in the record too."""

import asyncio
from contextlib import suppress

import structlog

from intake.gateway import Gateway
from store.database import Database
from store.doubts import Doubtful, doubtful
from store.lanes import vacate

SWEEP_SECONDS = 60.0

_LOG = structlog.get_logger(__name__)


class Sweep:
    """Asks Temporal, a few times a minute, about executions that have long been silent."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self._db = db
        self._gateway = gateway

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep every minute until `stop`."""
        while not stop.is_set():
            try:
                await self.once()
            except Exception as error:
                _LOG.warning("sweep_interrupted", error=type(error).__name__)
            await until(stop, SWEEP_SECONDS)

    async def once(self) -> int:
        """Look at those in doubt; how many were found closed. `Unreachable` leaves the rest for later."""
        ended = 0
        for one in await doubtful(self._db):
            ended += await self._settled(one)
        return ended

    async def _settled(self, one: Doubtful) -> bool:
        if await self._gateway.is_open(one.workflow_id, one.id):
            return False
        await vacate(self._db, one.workspace, one.lane, one.id)
        _LOG.warning("execution_terminated", execution_id=one.id, workflow_id=one.workflow_id)
        return True


async def until(stop: asyncio.Event, seconds: float) -> None:
    """Return when told to stop, or after so many seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
