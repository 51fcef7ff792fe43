"""How long it takes until all of us is at work again.

Recovered is who starts an execution that is asked for now, walks it and has its end on record: that needs
the API, PostgreSQL, Temporal and a worker. It counts from the kill, and of a fault that lasts from its end.
"""

import asyncio
import time
from dataclasses import dataclass
from uuid import uuid4

from providers.errors import ProviderError
from providers.http.pooled import Pooled
from store.database import Database

GIVE_UP = 240.0
STEP = 0.1
ENDED = "SELECT status = 'completed' FROM executions WHERE id = $1"


@dataclass(frozen=True)
class Probe:
    """Asks for executions of a flow that waits for nothing."""

    api: Pooled
    db: Database
    flow: str

    async def recovered(self) -> float | None:
        """When an execution that is asked for now was walked (`time.monotonic`); None where none was."""
        key = str(uuid4())
        try:
            async with asyncio.timeout(GIVE_UP):
                while (execution := await self._started(key)) is None:  # noqa: ASYNC110  others make it so
                    await asyncio.sleep(STEP)
                while not await self._ended(execution):  # noqa: ASYNC110
                    await asyncio.sleep(STEP)
        except TimeoutError:
            return None
        return time.monotonic()

    async def _started(self, key: str) -> str | None:
        path, headers = f"/api/v1/flows/{self.flow}/execute", {"Idempotency-Key": key}
        try:
            reply = await self.api.request("POST", path, json={}, headers=headers, seconds=5.0)
        except ProviderError:
            return None
        return str(reply.json()["executionId"])

    async def _ended(self, execution: str) -> bool:
        try:
            async with asyncio.timeout(3):
                return bool(await self.db.fetchval(ENDED, execution))
        except Exception:
            return False
