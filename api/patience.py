"""`Prefer: wait=N` (RFC 7240): a caller who would rather wait than ask again."""

import asyncio
import re
import time
from typing import Annotated

from fastapi import Header

from store import executions
from store.database import Database
from store.executions import Execution

LONGEST = 30
"""Seconds; who asks for more waits so long."""
MOVING = ("starting", "running")
_FIRST_LOOK, _SLOWEST_LOOK = 0.05, 0.5
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)

Prefer = Annotated[
    str | None,
    Header(
        max_length=1000,
        description=f"`wait=10`: 200 with the execution as soon as it ends or rests, within so many seconds"
        f" ({LONGEST} at most); else 202. `Preference-Applied` tells how long it was waited for.",
        examples=["wait=10"],
    ),
]


def seconds_of(prefer: str | None) -> int | None:
    """For how long the caller would wait; None where it is not said in a way we know."""
    found = _WAIT.search(prefer or "")
    return min(int(found[1]), LONGEST) if found else None


class Patience:
    """Waits for executions, for so many callers at once: each of them asks the database over and over."""

    def __init__(self, *, at_once: int = 50) -> None:
        self._room = at_once

    @property
    def has_room(self) -> bool:
        """Whether another caller may wait."""
        return self._room > 0

    async def rested(self, db: Database, workspace: str, id: str, seconds: float) -> Execution | None:
        """The execution once it has ended or rests; None if it still moves after so many seconds."""
        self._room -= 1
        try:
            return await _look(db, workspace, id, time.monotonic() + seconds)
        finally:
            self._room += 1


async def _look(db: Database, workspace: str, id: str, until: float) -> Execution | None:
    pause = _FIRST_LOOK
    while True:
        found = await executions.find(db, workspace, id)
        if found is not None and found.status not in MOVING:
            return found
        if (left := until - time.monotonic()) <= 0:
            return None
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, _SLOWEST_LOOK)
