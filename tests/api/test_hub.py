"""Whoever wakes readers lets go when the last of them leaves."""

import asyncio
import time
from typing import cast

import pytest

from api.live.hub import Hub
from store.database import Database


async def closed(_workflow: str, _execution: str | None) -> bool:
    return False


async def test_a_call_at_the_moment_of_a_cancellation_does_not_hide_it() -> None:
    hub = Hub(cast(Database, None), closed)
    hub._poll_at = time.monotonic() + 60
    pause = asyncio.create_task(hub._pause())
    await asyncio.sleep(0.01)
    hub._called.set()
    pause.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pause
