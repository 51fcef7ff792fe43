"""Deliveries that go on after the answer: tracked, bounded, and awaited when the process ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_LOG = structlog.get_logger(__name__)


class Deliveries:
    """Runs deliveries beside the requests; ask `has_room` first. What fails is the relay's."""

    def __init__(self, *, at_once: int = 200) -> None:
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_room(self) -> bool:
        """Whether fewer are under way than are meant to be."""
        return len(self._tasks) < self._at_once

    def start(self, delivery: Coroutine[Any, Any, object]) -> None:
        """Runs a delivery."""
        task = asyncio.create_task(_quietly(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Waits for those under way, then cancels what is left."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _quietly(delivery: Coroutine[Any, Any, object]) -> None:
    try:
        await delivery
    except Exception as error:
        # Its text may quote a message; its type may not.
        _LOG.warning("delivery_left_to_relay", error=type(error).__name__)
