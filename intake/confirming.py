"""Rows that came by updates: once their update has returned, their run has them for good (protocols 4.1)."""

import asyncio
from collections.abc import Iterable

from store import delivery
from store.database import Database

TOGETHER = 0.2
"""Seconds in which rows are gathered, to be confirmed by one statement."""


class Confirming:
    """Confirms rows, many at a time. One that is lost with the process is sent to its run once more."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows: list[tuple[str, str]] = []

    async def add(self, workspace: str, ids: Iterable[str]) -> None:
        """Rows whose update has returned. Who comes first waits for others, and writes for all."""
        waits = bool(self._rows)
        self._rows += [(workspace, id) for id in ids]
        if waits or not self._rows:
            return
        try:
            await asyncio.sleep(TOGETHER)
        finally:
            rows, self._rows = self._rows, []
        await delivery.confirm(self._db, rows)
