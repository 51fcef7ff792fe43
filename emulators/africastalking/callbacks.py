"""How the provider calls back: forms and JSON in the background, and turns that wait for the answer."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from emulators.africastalking.config import Config
from emulators.africastalking.faults import Channel
from emulators.common import delivery as common
from emulators.common.delivery import Verdict
from emulators.common.faults import Fault

LONGEST_WAIT = 600.0
SHOWN = 2_000


@dataclass(slots=True, kw_only=True)
class Callback(common.Delivery):
    """One callback with its fields, sent as a form or as JSON."""

    fields: dict[str, Any] = field(repr=False)
    as_json: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def body(self) -> bytes:
        return orjson.dumps(self.fields) if self.as_json else urlencode(self.fields).encode()


def callback(channel: Channel, event: str, url: str, fields: dict[str, Any], **more: Any) -> Callback:
    """A callback that the journal shows with all its fields."""
    return Callback(channel=channel, event=event, url=url, refs={"fields": fields}, fields=fields, **more)


class Engine(common.Engine[Config, Callback]):
    """Carries callbacks out: incoming messages until 200, others once, turns with a deadline."""

    reads_answers = True

    def shown(self, url: str) -> str:
        """Only the host: the path holds the receiver's secret."""
        return f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"

    async def deliver(self, delivery: Callback, fault: Fault | None) -> None:
        """One attempt, or as many as the retry window of incoming messages holds."""
        left, wait, attempt = self._window(delivery), self.config.retry_delay, 1
        while True:
            async with self.slot(delivery.channel):
                verdict = await self._attempt(delivery, fault if attempt == 1 else None)
            again = verdict.status != 200 and wait <= left
            outcome = "delivered" if verdict.status == 200 else "retry" if again else "failed"
            self.note(delivery, attempt, outcome=outcome, status=verdict.status, error=verdict.error)
            if not again:
                return
            await asyncio.sleep(self.config.seconds(wait))
            left, wait, attempt = left - wait, min(wait * 2, LONGEST_WAIT), attempt + 1

    async def turn(self, delivery: Callback, deadline: float) -> Verdict:
        """One callback whose answer counts; `deadline` is the provider's seconds."""
        fault = self._faults.for_delivery(delivery.channel, delivery.event, delivery.url)
        action = fault.spec.action if fault else None
        if fault and action == "drop":
            self.landed(fault, delivery)
            return Verdict(error="dropped")
        if fault and action == "delay":
            self.landed(fault, delivery)
            await asyncio.sleep(fault.param(1.0))
        verdict = await self._asked(delivery, fault, deadline)
        if fault and action == "duplicate":
            self.landed(fault, delivery)
            for _ in range(min(int(fault.param(1)), 100)):
                await self._asked(delivery, None, deadline)
        await self.journal.sync()
        return verdict

    async def _asked(self, delivery: Callback, fault: Fault | None, deadline: float) -> Verdict:
        try:
            async with asyncio.timeout(self.config.seconds(deadline)):
                verdict = await self._attempt(delivery, fault)
        except TimeoutError:
            verdict = Verdict(error="no answer in time")
        answer = verdict.body[:SHOWN].decode(errors="replace")
        self.note(delivery, 1, outcome="turn", status=verdict.status, error=verdict.error, answer=answer)
        return verdict

    async def _attempt(self, delivery: Callback, fault: Fault | None) -> Verdict:
        body = delivery.body
        if fault and fault.spec.action == "truncate_body":
            body = body[: len(body) // 2]
            self.landed(fault, delivery)
        kind = "application/json" if delivery.as_json else "application/x-www-form-urlencoded"
        return await self.post(delivery.url, body, {"Content-Type": kind, **delivery.headers})

    def _window(self, delivery: Callback) -> float:
        retried = delivery.channel == "sms" or self.config.retry_every_callback
        return self.config.sms_retry_window if retried else 0.0
