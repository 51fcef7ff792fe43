"""Waiting for what servers and other processes do, which tell nobody."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any


async def until(holds: Callable[[], Any], what: str = "it", seconds: float = 20) -> None:
    """Return when it holds: a value, or what is awaited for one. An AssertionError after so long."""
    try:
        async with asyncio.timeout(seconds):
            while not await _value(holds()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited {seconds:g} s for {what}") from None


async def _value(answer: Any) -> Any:
    return await answer if isawaitable(answer) else answer
