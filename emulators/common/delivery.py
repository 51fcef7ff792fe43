"""The engine that carries callbacks out: in the background, a bounded number per channel, with faults."""

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import httpx

from emulators.common.faults import Fault, FaultBook
from emulators.common.journal import Journal


class Bounds(Protocol):
    """What the engine takes from an emulator's settings; `reorder_hold` and the time-out are seconds."""

    @property
    def delivery_concurrency(self) -> int: ...
    @property
    def delivery_queue(self) -> int: ...
    @property
    def reorder_hold(self) -> float: ...
    @property
    def webhook_timeout(self) -> float: ...
    @property
    def follow_redirects(self) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event on its way to one receiver; `refs` are the numbers the journal shows with it."""

    channel: str
    event: str
    url: str = field(repr=False)
    refs: dict[str, Any]
    delivery_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Verdict:
    """How an attempt ended: `status` of the receiver, or `error` when there was none."""

    status: int | None = None
    error: str | None = None
    body: bytes = field(default=b"", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.error or f"{self.status} {httpx.codes.get_reason_phrase(self.status or 0)}".strip()


@dataclass(slots=True, eq=False)
class Held:
    """A delivery kept back until a later one like it has gone out on the same channel."""

    channel: str
    fault: Fault
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)


B = TypeVar("B", bound=Bounds)
D = TypeVar("D", bound=Delivery)


class Engine(ABC, Generic[B, D]):
    """Runs deliveries as background tasks; how one is delivered is the provider's own."""

    reads_answers = False  # whether the body of a receiver's answer means anything

    def __init__(
        self, config: B, journal: Journal, faults: FaultBook, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self.config = config
        self.journal = journal
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._held: list[Held] = []
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    @abstractmethod
    async def deliver(self, delivery: D, fault: Fault | None) -> None:
        """All attempts of one delivery."""

    def configure(self, config: B) -> None:
        self.config = config
        self._slots = {}

    @property
    def pending(self) -> int:
        return len(self._tasks)

    def enqueue(self, delivery: D) -> None:
        """Start a delivery in the background; beyond the bound it is lost, and the journal says so."""
        if len(self._tasks) >= self.config.delivery_queue:
            self.note(delivery, 0, outcome="overflow")
            return
        fault = self._faults.for_delivery(delivery.channel, delivery.event, delivery.url)
        self.spawn(self._run(delivery, fault))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it in the background; it counts as pending until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self, seconds: float) -> bool:
        """Wait until nothing is pending, at most that many seconds; True when nothing is."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)
        return not self._tasks

    def cancel(self) -> None:
        for task in set(self._tasks):
            task.cancel()

    async def close(self) -> None:
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    async def _run(self, delivery: D, fault: Fault | None) -> None:
        if fault and fault.spec.action == "drop":
            self.landed(fault, delivery)
            self.note(delivery, 0, outcome="dropped")
            return
        if fault and fault.spec.action in ("delay", "reorder"):
            await self._hold(delivery, fault)
        await self.deliver(delivery, fault)
        self._release(delivery)
        if fault and fault.spec.action in ("duplicate", "redeliver"):
            await self._repeat(delivery, fault)
        await self.journal.sync()

    async def _hold(self, delivery: D, fault: Fault) -> None:
        """Keep a delivery back: for a time, or until a later one that the fault matches has gone out."""
        if fault.spec.action == "delay":
            await asyncio.sleep(fault.param(1.0))
            self.landed(fault, delivery)
            return
        held = Held(delivery.channel, fault)
        self._held.append(held)
        try:
            await asyncio.wait_for(held.overtaken.wait(), fault.param(self.config.reorder_hold))
            self.landed(fault, delivery)
        except TimeoutError:
            return  # nothing came by: it goes out in order, and the fault has not landed
        finally:
            self._held.remove(held)

    def _release(self, done: D) -> None:
        for held in self._held:
            match = held.fault.spec.match
            if held.channel == done.channel and match.accepts_delivery(done.channel, done.event, done.url):
                held.overtaken.set()

    async def _repeat(self, delivery: D, fault: Fault) -> None:
        for _ in range(min(int(fault.param(1)), 100)):
            if fault.spec.action == "duplicate":
                delivery.delivery_id = str(uuid.uuid4())
            await self.deliver(delivery, None)
        self.landed(fault, delivery)

    def slot(self, channel: str) -> asyncio.Semaphore:
        """The bound on what is under way at once in a channel."""
        return self._slots.setdefault(channel, asyncio.Semaphore(self.config.delivery_concurrency))

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Verdict:
        """One request; a receiver that cannot be reached is a verdict, too."""
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport, trust_env=False)
        timeout, redirects = self.config.webhook_timeout, self.config.follow_redirects
        try:
            request = self._client.build_request("POST", url, content=body, headers=headers, timeout=timeout)
            answer = await self._client.send(request, stream=True, follow_redirects=redirects)
            content = await answer.aread() if self.reads_answers else b""
            await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            return Verdict(error=f"{type(problem).__name__}: {problem}")
        return Verdict(answer.status_code, None, content, dict(answer.headers))

    def landed(self, fault: Fault, delivery: D) -> None:
        fault.landed += 1
        self.journal.write(
            "fault", fault=fault.number, action=fault.spec.action, delivery=delivery.delivery_id
        )

    def shown(self, url: str) -> str:
        """What the journal may tell of a receiver's address."""
        return url.split("?", 1)[0]

    def note(self, delivery: D, attempt: int, **fields: Any) -> None:
        self.journal.write(
            "delivery",
            channel=delivery.channel,
            event=delivery.event,
            delivery=delivery.delivery_id,
            url=self.shown(delivery.url),
            attempt=attempt,
            **delivery.refs,
            **fields,
        )
