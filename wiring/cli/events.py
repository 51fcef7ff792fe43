"""Live events of an execution, followed through whatever happens to the connection."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from dsl.messages import ENDED
from providers.errors import ProviderError
from wiring.cli.service import Service, ServiceError, explained

Event = dict[str, Any]
PATIENCE = 60.0
"""Seconds without a connection after which nobody expects one."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
NO_MORE = 204


async def followed(service: Service, execution: str, patience: float = PATIENCE) -> AsyncGenerator[Event]:
    """Every event from the first to the end, each once; raises ServiceError when it cannot go on."""
    known, tries, lost = 0, 0, time.monotonic()
    while True:
        try:
            async with service.events(execution, known) as flow:
                if flow.status == NO_MORE:
                    return
                try:
                    async for event in _events(flow.lines):
                        known, tries = event["seq"], 0
                        yield event
                        if event["type"] in ENDED:
                            return
                finally:  # hours may pass between two events
                    lost = time.monotonic()
        except ProviderError as error:
            if not error.retryable or time.monotonic() - lost > patience:
                raise explained(service.url, error) from None
        await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
        tries += 1


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """The `data:` lines of a stream; ids are in the events, and comments are heartbeats."""
    async for line in lines:
        field, _, value = line.partition(":")
        if field == "data":
            yield _read(value)


def _read(value: str) -> Event:
    try:
        event = json.loads(value)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not {"seq", "type", "at", "nodeId", "data"} <= event.keys():
        raise ServiceError("the service sends events that are none: is there something between us?")
    return event
