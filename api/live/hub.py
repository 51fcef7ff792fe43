"""What readers of live events share in a process: one ear, one look at the rows for all of them."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from store import live
from store.database import Database
from store.listen import listening
from store.live import Closing, Event, Mark

POLL_SECONDS = 1.0
"""A notice only wakes; what there is to tell is found in rows, at the latest after so long."""
WATCH_SECONDS = 60.0
MOST_READERS = 1_000
TAIL = 256
"""Events of an execution that are kept for those who keep up; who is further behind reads rows."""
FIRST_LOOK, LAST_LOOK = 0.1, 2.0
"""Seconds between two looks at Temporal for an end that is recorded: they double."""
RETRY_SECONDS = 1.0

_LOG = structlog.get_logger(__name__)

IsOpen = Callable[[str, str], Awaitable[bool]]
"""Whether (workflow id, execution id) has an open run; raises where that cannot be told."""


class Full(Exception):
    """The process has as many readers as it takes."""


class Topic:
    """The events of one execution, as far as this process knows them."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.tail: deque[Event] = deque(maxlen=TAIL)
        self.readers = 0
        self.watched_until = 0.0
        self.look_at, self.patience = 0.0, FIRST_LOOK
        """When to ask Temporal again about a recorded end (0: there is none), and then after how long."""
        self._news = asyncio.Event()

    def add(self, event: Event) -> None:
        """The next event, for whoever waits."""
        self.tail.append(event)
        self.mark = self.mark._replace(seq=event.seq)
        self.wake()

    def wake(self) -> None:
        """Call whoever waits now."""
        self._news.set()
        self._news = asyncio.Event()

    def remembered(self, after: int) -> list[Event] | None:
        """What follows a number; None where that is too long ago to be remembered."""
        if after >= self.mark.seq:
            return []
        if not self.tail or self.tail[0].seq > after + 1:
            return None
        return [event for event in self.tail if event.seq > after]

    async def news(self, seconds: float) -> bool:
        """Whether there is something new within so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


class Hub:
    """Wakes the readers of this process; works only while there are any."""

    def __init__(self, db: Database, is_open: IsOpen, *, most: int = MOST_READERS) -> None:
        self.db, self.most = db, most
        self.ending = False
        self._is_open = is_open
        self._topics: dict[str, Topic] = {}
        self._named: set[str] = set()
        self._called, self._poll_at = asyncio.Event(), 0.0
        self._work: asyncio.Task[None] | None = None

    @property
    def readers(self) -> int:
        """How many there are."""
        return sum(topic.readers for topic in self._topics.values())

    @property
    def is_full(self) -> bool:
        """Whether nobody may join, now or any more."""
        return self.ending or self.readers >= self.most

    @asynccontextmanager
    async def joined(self, mark: Mark) -> AsyncIterator[Topic]:
        """The topic of an execution whose events are known up to the mark; raises Full."""
        if self.is_full:
            raise Full
        topic = self._topics.setdefault(mark.execution_id, Topic(mark))
        topic.readers += 1
        if self._work is None:
            self._work = asyncio.create_task(self._serve())
        self._heard(mark.execution_id)
        try:
            yield topic
        finally:
            topic.readers -= 1
            if not topic.readers:
                del self._topics[mark.execution_id]
            if not self._topics:
                await self._rest()

    def end(self) -> None:
        """Send every reader away: the process ends, another will take them."""
        self.ending = True
        for topic in self._topics.values():
            topic.wake()

    async def _rest(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _serve(self) -> None:
        """Look again and again; a lost database is waited for."""
        while True:
            try:
                async with listening(self.db, live.NOTICE, self._heard):
                    while True:
                        self._called.clear()
                        await self._round(self._due(time.monotonic()))
                        await self._pause()
            except Exception as error:
                _LOG.warning("live_interrupted", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    def _heard(self, execution_id: str) -> None:
        if execution_id in self._topics:
            self._named.add(execution_id)
            self._called.set()

    def _due(self, now: float) -> dict[str, Topic]:
        """All topics from time to time, else those that were named, or wait for an end."""
        named, self._named = self._named, set()
        if now >= self._poll_at:
            self._poll_at = now + POLL_SECONDS
            return dict(self._topics)
        return {id: topic for id, topic in self._topics.items() if id in named or 0 < topic.look_at <= now}

    async def _pause(self) -> None:
        """Until somebody calls, or it is time to look.

        Not by `wait_for`, which (in Python 3.11) takes a call at the moment of a cancellation for the better
        news: whoever cancelled would wait for ever.
        """
        now = time.monotonic()
        looks = [topic.look_at for topic in self._topics.values() if topic.look_at]
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min([self._poll_at, *looks]) - now)):
                await self._called.wait()

    async def _round(self, topics: dict[str, Topic]) -> None:
        await self._watch(topics)
        for execution_id, event in await live.news(self.db, [topic.mark for topic in topics.values()]):
            topics[execution_id].add(event)
        await self._announce(topics)

    async def _watch(self, topics: dict[str, Topic]) -> None:
        """Have notices sent; half of the time left is soon enough to ask again."""
        now = time.monotonic()
        due = [topic for topic in topics.values() if topic.watched_until < now + WATCH_SECONDS / 2]
        if due:
            await live.watch(self.db, [topic.mark for topic in due], WATCH_SECONDS)
            for topic in due:
                topic.watched_until = now + WATCH_SECONDS

    async def _announce(self, topics: dict[str, Topic]) -> None:
        """Tell the ends of runs which are known to be closed; of others, ask again a little later."""
        now = time.monotonic()
        marks = [topic.mark for topic in topics.values() if topic.look_at <= now]
        for topic in topics.values():
            topic.look_at = topic.look_at if topic.look_at > now else 0.0
        ends = await live.closing(self.db, marks)
        await asyncio.gather(*(self._look(topics[end.execution_id], end) for end in ends))

    async def _look(self, topic: Topic, end: Closing) -> None:
        try:
            if not await self._is_open(end.workflow_id, end.execution_id):
                await live.announce(self.db, end)
                self._heard(end.execution_id)
                return
        except Exception as error:
            _LOG.warning("end_not_announced", execution_id=end.execution_id, error=type(error).__name__)
        topic.look_at = time.monotonic() + topic.patience
        topic.patience = min(2 * topic.patience, LAST_LOOK)
