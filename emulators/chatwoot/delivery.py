"""How Chatwoot posts webhooks: three channels, real signatures, real failures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import orjson

from emulators.chatwoot.config import Config
from emulators.chatwoot.guard import Refused, refuse_private
from emulators.chatwoot.signing import sign
from emulators.common import delivery as common
from emulators.common.delivery import Verdict
from emulators.common.faults import Fault, FaultBook
from emulators.common.journal import Journal

ChannelName = Literal["account", "api_inbox", "agent_bot"]
BOT_ATTEMPTS = 3
RETRIED = frozenset({429, 500})
STALE_SECONDS = 600.0


class Gone(Exception):
    """The row an event speaks of no longer exists: Chatwoot drops such a job silently."""


@dataclass(slots=True, kw_only=True)
class Delivery(common.Delivery):
    """A webhook; `build` gives the body at send time (raises `Gone`)."""

    secret: str | None = field(repr=False)
    build: Callable[[], bytes] = field(repr=False)


def encode(payload: dict[str, Any]) -> bytes:
    """JSON as Rails writes it: `<`, `>` and `&` are escaped, which a re-serialising receiver would lose."""
    body = orjson.dumps(payload)
    for char in b"<>&":
        body = body.replace(bytes([char]), b"\\u%04x" % char)
    return body


def _log_only(_delivery: Delivery, _reason: str) -> None:
    """A failure that changes nothing: the journal has it already."""


class Engine(common.Engine[Config, Delivery]):
    """Signs what goes out, tries again where Chatwoot does."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        faults: FaultBook,
        transport: httpx.AsyncBaseTransport | None,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(config, journal, faults, transport)
        self.on_failure: Callable[[Delivery, str], None] = _log_only
        self._clock = clock

    async def deliver(self, delivery: Delivery, fault: Fault | None) -> None:
        """All attempts of one delivery, and what its final failure does to the installation."""
        for attempt in range(1, BOT_ATTEMPTS + 1):
            try:
                verdict = await self._attempt(delivery, fault if attempt == 1 else None)
            except Gone:
                self.note(delivery, attempt, outcome="discarded")
                return
            again = not verdict.ok and self._retries(delivery, verdict) and attempt < BOT_ATTEMPTS
            outcome = "delivered" if verdict.ok else "retry" if again else "failed"
            self.note(delivery, attempt, outcome=outcome, status=verdict.status, error=verdict.error)
            if not again:
                break
            await asyncio.sleep(self.config.bot_retry_delay)
        if not verdict.ok:
            self.on_failure(delivery, verdict.text)

    def _retries(self, delivery: Delivery, verdict: Verdict) -> bool:
        retrying = delivery.channel == "agent_bot" and self.config.facts.bot_retries
        return retrying and verdict.status in RETRIED

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Verdict:
        async with self.slot(delivery.channel):
            body = delivery.build()
            headers = self._headers(delivery, body, fault)
            if fault and fault.spec.action == "truncate_body":
                body = body[: len(body) // 2]
                self.landed(fault, delivery)
            try:
                if self.config.ssrf_guard:
                    await refuse_private(delivery.url)
            except Refused as problem:
                return Verdict(error=f"{type(problem).__name__}: {problem}")
            return await self.post(delivery.url, body, headers)

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
            self.landed(fault, delivery)
        if fault and fault.spec.action == "wrong_signature":
            secret = f"not-{secret}"
            self.landed(fault, delivery)
        headers["X-Chatwoot-Timestamp"] = str(int(moment))
        headers["X-Chatwoot-Signature"] = sign(secret, str(int(moment)), body)
        return headers
