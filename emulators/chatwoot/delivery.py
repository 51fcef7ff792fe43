"""The engine that posts webhooks: three channels, real signatures, real failures."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import orjson

from emulators.chatwoot.config import Config
from emulators.chatwoot.faults import Fault, FaultBook
from emulators.chatwoot.guard import refuse_private
from emulators.chatwoot.journal import Journal
from emulators.chatwoot.signing import sign

ChannelName = Literal["account", "api_inbox", "agent_bot"]
CHANNELS: tuple[ChannelName, ...] = ("account", "api_inbox", "agent_bot")
BOT_ATTEMPTS = 3
RETRIED = frozenset({429, 500})
STALE_SECONDS = 600.0


class Gone(Exception):
    """The row an event speaks of no longer exists: Chatwoot drops such a job silently."""


@dataclass(slots=True)
class Delivery:
    """One event on its way to one receiver; `build` gives the body at send time (raises `Gone`)."""

    channel: ChannelName
    event: str
    url: str
    secret: str | None = field(repr=False)
    build: Callable[[], bytes] = field(repr=False)
    refs: dict[str, int]
    delivery_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Verdict:
    """How an attempt ended: `status` of the receiver, or `error` when there was none."""

    status: int | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.error or f"{self.status} {httpx.codes.get_reason_phrase(self.status or 0)}".strip()


@dataclass(slots=True, eq=False)
class Held:
    """A delivery kept back until a later one like it has gone out on the same channel."""

    channel: ChannelName
    fault: Fault
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)


def encode(payload: dict[str, Any]) -> bytes:
    """JSON as Rails writes it: `<`, `>` and `&` are escaped, which a re-serialising receiver would lose."""
    body = orjson.dumps(payload)
    for char in b"<>&":
        body = body.replace(bytes([char]), b"\\u%04x" % char)
    return body


def _log_only(_delivery: Delivery, _reason: str) -> None:
    """A failure that changes nothing: the journal has it already."""


class Engine:
    """Runs deliveries as background tasks, a bounded number per channel."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        faults: FaultBook,
        transport: httpx.AsyncBaseTransport | None,
        clock: Callable[[], float],
    ) -> None:
        self.config = config
        self.on_failure: Callable[[Delivery, str], None] = _log_only
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = {name: asyncio.Semaphore(config.delivery_concurrency) for name in CHANNELS}
        self._held: list[Held] = []
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    def configure(self, config: Config) -> None:
        self.config = config
        self._slots = {name: asyncio.Semaphore(config.delivery_concurrency) for name in CHANNELS}

    @property
    def pending(self) -> int:
        return len(self._tasks)

    def enqueue(self, delivery: Delivery) -> None:
        """Start a delivery in the background; beyond the bound it is lost, and the journal says so."""
        if len(self._tasks) >= self.config.delivery_queue:
            self._note(delivery, 0, outcome="overflow")
            return
        fault = self._faults.for_delivery(delivery.channel, delivery.event, delivery.url)
        task = asyncio.get_running_loop().create_task(self._run(delivery, fault))
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

    async def _run(self, delivery: Delivery, fault: Fault | None) -> None:
        if fault and fault.spec.action == "drop":
            self._landed(fault, delivery)
            self._note(delivery, 0, outcome="dropped")
            return
        if fault and fault.spec.action in ("delay", "reorder"):
            await self._hold(delivery, fault)
        await self._deliver(delivery, fault)
        self._release(delivery)
        if fault and fault.spec.action in ("duplicate", "redeliver"):
            await self._repeat(delivery, fault)
        await self._journal.sync()

    async def _hold(self, delivery: Delivery, fault: Fault) -> None:
        """Keep a delivery back: for a time, or until a later one that the fault matches has gone out."""
        if fault.spec.action == "delay":
            await asyncio.sleep(fault.param(1.0))
            self._landed(fault, delivery)
            return
        held = Held(delivery.channel, fault)
        self._held.append(held)
        try:
            await asyncio.wait_for(held.overtaken.wait(), fault.param(self.config.reorder_hold))
            self._landed(fault, delivery)
        except TimeoutError:
            return  # nothing came by: it goes out in order, and the fault has not landed
        finally:
            self._held.remove(held)

    def _release(self, done: Delivery) -> None:
        for held in self._held:
            match = held.fault.spec.match
            if held.channel == done.channel and match.accepts_delivery(done.channel, done.event, done.url):
                held.overtaken.set()

    async def _repeat(self, delivery: Delivery, fault: Fault) -> None:
        for _ in range(min(int(fault.param(1)), 100)):
            if fault.spec.action == "duplicate":
                delivery.delivery_id = str(uuid.uuid4())
            await self._deliver(delivery, None)
        self._landed(fault, delivery)

    async def _deliver(self, delivery: Delivery, fault: Fault | None) -> None:
        """All attempts of one delivery, and what its final failure does to the installation."""
        for attempt in range(1, BOT_ATTEMPTS + 1):
            try:
                verdict = await self._attempt(delivery, fault if attempt == 1 else None)
            except Gone:
                self._note(delivery, attempt, outcome="discarded")
                return
            again = not verdict.ok and self._retries(delivery, verdict) and attempt < BOT_ATTEMPTS
            outcome = "delivered" if verdict.ok else "retry" if again else "failed"
            self._note(delivery, attempt, outcome=outcome, status=verdict.status, error=verdict.error)
            if not again:
                break
            await asyncio.sleep(self.config.bot_retry_delay)
        if not verdict.ok:
            self.on_failure(delivery, verdict.text)

    def _retries(self, delivery: Delivery, verdict: Verdict) -> bool:
        retrying = delivery.channel == "agent_bot" and self.config.facts.bot_retries
        return retrying and verdict.status in RETRIED

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Verdict:
        async with self._slots[delivery.channel]:
            body = delivery.build()
            headers = self._headers(delivery, body, fault)
            if fault and fault.spec.action == "truncate_body":
                body = body[: len(body) // 2]
                self._landed(fault, delivery)
            try:
                if self.config.ssrf_guard:
                    await refuse_private(delivery.url)
                return await self._post(delivery.url, body, headers)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
                return Verdict(error=f"{type(problem).__name__}: {problem}")

    def _headers(self, delivery: Delivery, body: bytes, fault: Fault | None) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if not self.config.facts.signed:
            return headers
        headers["X-Chatwoot-Delivery"] = delivery.delivery_id
        if delivery.secret is None:
            return headers
        moment, secret = self._clock(), delivery.secret
        if fault and fault.spec.action == "stale_timestamp":
            moment -= fault.param(STALE_SECONDS)
            self._landed(fault, delivery)
        if fault and fault.spec.action == "wrong_signature":
            secret = f"not-{secret}"
            self._landed(fault, delivery)
        headers["X-Chatwoot-Timestamp"] = str(int(moment))
        headers["X-Chatwoot-Signature"] = sign(secret, str(int(moment)), body)
        return headers

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Verdict:
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport, trust_env=False)
        redirects = self.config.follow_redirects
        timeout = self.config.webhook_timeout
        request = self._client.build_request("POST", url, content=body, headers=headers, timeout=timeout)
        response = await self._client.send(request, stream=True, follow_redirects=redirects)
        await response.aclose()  # the answer's body means nothing
        return Verdict(status=response.status_code)

    def _landed(self, fault: Fault, delivery: Delivery) -> None:
        fault.landed += 1
        self._journal.write(
            "fault", fault=fault.number, action=fault.spec.action, delivery=delivery.delivery_id
        )

    def _note(self, delivery: Delivery, attempt: int, **fields: Any) -> None:
        self._journal.write(
            "delivery",
            channel=delivery.channel,
            event=delivery.event,
            delivery=delivery.delivery_id,
            url=delivery.url.split("?", 1)[0],
            attempt=attempt,
            **delivery.refs,
            **fields,
        )
