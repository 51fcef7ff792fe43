"""What time it is: PostgreSQL says so, for a process's own clock may be wrong by hours."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

log = structlog.get_logger()

FRESH = 10.0
"""Seconds for which what was read is kept on, by a clock that only counts."""
WITHIN = 1.0
"""Seconds that anybody waits for an answer."""


class Clock:
    """The server's time, asked for now and then; while it is away, the last that it said, kept on."""

    def __init__(self, ask: Callable[[], Awaitable[datetime]]) -> None:
        self._ask = ask
        self._said: datetime | None = None
        self._said_at = self._asked_at = -FRESH
        self._asking: asyncio.Task[None] | None = None

    async def now(self) -> datetime:
        """Its time, in UTC; this machine's where it never said."""
        if time.monotonic() - self._asked_at >= FRESH:
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._read(self._asked_at))
            # Not cut where it takes longer: whoever is lent a connection next could not use it.
            await asyncio.wait({self._asking}, timeout=WITHIN)
        if self._said is None:
            return datetime.now(UTC)
        return self._said + timedelta(seconds=time.monotonic() - self._said_at)

    async def _read(self, began: float) -> None:
        try:
            said = await self._ask()
        except Exception as error:  # whatever keeps it from answering: what it said last still holds
            log.warning("clock_not_read", error=type(error).__name__)
            return
        # It was read somewhere between the question and the answer.
        self._said, self._said_at = said, (began + time.monotonic()) / 2
