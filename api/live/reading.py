"""One reader of an execution's events: a place in them, and the pages that follow."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from api.live.hub import RETRY_SECONDS, Hub, Topic
from api.metrics import DROPPED
from dsl.model import Json, Message
from store import live
from store.failures import unreachable
from store.live import Event, Mark

HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 20.0
"""A reader that does not take what it is sent for so long is dropped; it may resume where it was."""
LONGEST_SECONDS = 3600.0
"""Then a reader has to come again, with a key that is still valid."""

Type = Literal[
    "started", "node_waiting", "node_done", "status", "rewound",
    "completed", "failed", "cancelled", "expired", "terminated",
]  # fmt: skip

_EXAMPLE: dict[str, Json] = {
    "seq": 3,
    "type": "node_waiting",
    "at": "2026-01-17T09:30:00.123Z",
    "nodeId": "ask_name",
    "data": {"line": 2, "kind": "question", "label": "Ask for the name", "visit": 1},
}


class LiveEvent(Message):
    """One event. `seq` counts 1, 2, 3 … for each execution and never goes back, not even where the walk does.

    `rewound`: history from line `data.from` on is void, other lines follow. The last event names the end.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    seq: int
    type: Type
    at: datetime
    node_id: str | None
    data: dict[str, Json]


def envelope(event: Event) -> str:
    """The event as both kinds of stream send it."""
    return LiveEvent.model_validate(event._asdict()).model_dump_json(by_alias=True)


@dataclass
class Reading:
    """A reader of an execution, to be told of everything after `mark.seq`; `head` is the newest event."""

    hub: Hub
    mark: Mark
    head: int

    async def pages(self) -> AsyncIterator[list[Event]]:
        """Pages in order, empty ones as heartbeats; ends after the last event, or when it is time to go.

        Raises Full. A lost database is waited for.
        """
        until = time.monotonic() + LONGEST_SECONDS
        async with self.hub.joined(self.mark._replace(seq=self.head)) as topic:
            while not self.hub.ending and time.monotonic() < until:
                page = await self._page(topic)
                if page:
                    self.mark = self.mark._replace(seq=page[-1].seq)
                    yield page
                    if page[-1].is_last:
                        return
                elif not await topic.news(HEARTBEAT_SECONDS):
                    yield []

    async def _page(self, topic: Topic) -> list[Event]:
        while not self.hub.ending:
            remembered = topic.remembered(self.mark.seq)
            if remembered is not None:
                return remembered[: live.PAGE]
            try:
                return await live.after(self.hub.db, self.mark)
            except Exception as error:
                if not unreachable(error):
                    raise
            await asyncio.sleep(RETRY_SECONDS)
        return []


async def in_time(sending: Awaitable[None]) -> bool:
    """Whether the reader took what it was sent before it was too slow."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await sending
    except TimeoutError:
        DROPPED.inc()
        return False
    return True
