"""Keeps the parts of a running product alive, wave by wave, until somebody ends it."""

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import chain
from pathlib import Path

from wiring.supervise import record
from wiring.supervise.child import Child
from wiring.supervise.child import start as start_child
from wiring.supervise.part import Part, PartError, never
from wiring.talk import Talk

RESTARTS = 5
WITHIN = 60.0
PAUSES = (0.0, 0.1, 0.2, 0.5, 1.0)
CHECKUP = 3.0
"""Seconds between two looks at how a part does."""

Wave = Sequence[Part]
"""Parts that need nothing of each other: they start, and end, side by side."""


class Stopped(Exception):
    """SIGINT or SIGTERM ended the run."""


class Supervisor:
    """The running parts; made by `supervised`."""

    def __init__(self, state_dir: Path, talk: Talk, restarts: int = RESTARTS) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self._state_dir = state_dir
        self._talk = talk
        self._restarts = restarts
        self._waves: list[Wave] = []
        self._children: dict[str, Child] = {}
        self._ready: dict[str, record.PartRecord] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._closing = False
        self.reason: BaseException | None = None

    def record(self) -> record.Record:
        """What `dev.json` says: each part as it was when it last became ready."""
        return record.Record(pid=os.getpid(), parts=dict(self._ready))

    async def start(self, waves: Sequence[Wave]) -> None:
        """Start each wave when the one before it is ready, publish all parts, and watch them from then on."""
        for wave in waves:
            self._waves.append(wave)
            async with self._talk.waiting(f"Starting {', '.join(part.name for part in wave)}"):
                await self._start_wave(wave)
        record.publish(self._state_dir, self.record())
        for part in chain.from_iterable(waves):
            self._watch(self._keep(part))
            if part.sick is not never:
                self._watch(self._nurse(part))

    def _watch(self, watching: Coroutine[None, None, None]) -> None:
        watcher = asyncio.create_task(watching)
        watcher.add_done_callback(self._watcher_done)
        self._watchers.append(watcher)

    async def _start_wave(self, wave: Wave) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for part in wave:
                    group.create_task(self._start_one(part))
        except ExceptionGroup as failed:
            # The first one ended the others.
            raise failed.exceptions[0] from None

    async def _start_one(self, part: Part) -> None:
        child = await start_child(part, self._state_dir / "logs")
        self._children[part.name] = child
        await child.until_ready()
        self._ready[part.name] = record.describe(child)

    async def _keep(self, part: Part) -> None:
        deaths: deque[float] = deque(maxlen=self._restarts + 1)
        while True:
            code = await self._children[part.name].gone()
            deaths.append(time.monotonic())
            recent = sum(at > deaths[-1] - WITHIN for at in deaths)
            if recent > self._restarts:
                log = self._children[part.name].log
                raise PartError(f"{part.name} ended {recent} times within a minute, see {log}")
            self._talk.say(f"{part.name} ended with {code} and is started again")
            await asyncio.sleep(PAUSES[min(recent, len(PAUSES)) - 1])
            await self._restart(part)

    async def _nurse(self, part: Part) -> None:
        """What runs and cannot serve is better dead: it is started again then."""
        while True:
            await asyncio.sleep(CHECKUP)
            if await part.sick():
                self._talk.say(f"{part.name} runs but cannot serve any more")
                self._children[part.name].kill()

    async def _restart(self, part: Part) -> None:
        """Start it again; one that does not become ready is ended, which counts as another death."""
        try:
            await self._start_one(part)
        except PartError as error:
            self._talk.say(str(error))
            await self._children[part.name].stop()
            return
        record.publish(self._state_dir, self.record())

    def _watcher_done(self, watcher: asyncio.Task[None]) -> None:
        if not watcher.cancelled() and (error := watcher.exception()):
            self.end(error)

    def end(self, reason: BaseException) -> None:
        """Interrupt whatever the owner of the parts does, for this reason; only the first one counts."""
        if self.reason is None and not self._closing:
            self.reason = reason
            self.task.cancel()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """While this is open, SIGINT and SIGTERM end the run."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.end, Stopped(number.name))
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def stop(self) -> None:
        """End every part, the last wave first."""
        self._closing = True
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for wave in reversed(self._waves):
            running = (self._children.get(part.name) for part in wave)
            await asyncio.gather(*(child.stop() for child in running if child))


@asynccontextmanager
async def supervised(
    waves: Sequence[Wave], state_dir: Path, talk: Talk, *, restarts: int = RESTARTS
) -> AsyncIterator[Supervisor]:
    """Run the block with all parts up, each wave started after the one before it; they end with the block.

    A part that ended more than `restarts` times within a minute does not stay up. The block is cancelled
    then (`PartError` is raised) and on SIGINT or SIGTERM (`Stopped`). A folder which another supervisor
    uses is `StateDirTakenError`.
    """
    with record.owned(state_dir):
        supervisor = Supervisor(state_dir, talk, restarts)
        with supervisor.signals():
            try:
                await supervisor.start(waves)
                yield supervisor
            except asyncio.CancelledError:
                if supervisor.reason is None:
                    raise
                supervisor.task.uncancel()
                raise supervisor.reason from None
            finally:
                await supervisor.stop()
