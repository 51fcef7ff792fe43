"""The relay: delivers what the acceptor of an event did not, be it dead, or Temporal away."""

import asyncio
from collections.abc import Mapping

import structlog

from intake.beliefs import Beliefs
from intake.gateway import Gateway
from intake.reconcile import Reconciler
from intake.reports import Reporter
from intake.sweep import Sweep, until
from providers.chatwoot.port import ChatwootPort
from store import delivery
from store.database import Database
from store.inbox import NOTICE
from store.listen import listening

POLL_SECONDS = 1.0
RESEND_EVERY = 10
"""Polls between two looks for rows that a waiting run was sent but never saw."""
AT_ONCE = 8
START_RETRY_SECONDS = 2.0

_LOG = structlog.get_logger(__name__)


class Relay:
    """Takes lanes that nobody holds and hands them to the gateway, a few at a time.

    `chatwoots`, a client for each connection, are asked for what no webhook brought; `beliefs` whether what
    was told of money is so.
    """

    def __init__(
        self,
        db: Database,
        gateway: Gateway,
        chatwoots: Mapping[str, ChatwootPort] | None = None,
        beliefs: Beliefs | None = None,
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._reconciler = Reconciler(db, chatwoots or {})
        self._reporter = Reporter(db, gateway, beliefs or Beliefs())
        self._called = asyncio.Event()
        self._deliveries: set[asyncio.Task[bool]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver, sweep and reconcile until `stop`, then finish the deliveries under way.

        A lost database is waited for.
        """
        beside = [
            asyncio.create_task(Sweep(self._db, self._gateway).run(stop)),
            asyncio.create_task(self._reconciler.run(stop)),
            asyncio.create_task(self._reporter.run(stop)),
        ]
        while not stop.is_set():
            try:
                async with listening(self._db, NOTICE, lambda _: self._called.set()):
                    await self._rounds(stop)
            except Exception as error:
                _LOG.warning("relay_interrupted", error=type(error).__name__)
                await until(stop, START_RETRY_SECONDS)
        for task in beside:
            task.cancel()  # any may be cut anywhere: the next round finds what this one left
        await asyncio.gather(*beside, *self._deliveries, return_exceptions=True)

    async def _rounds(self, stop: asyncio.Event) -> None:
        polls = 0
        while not stop.is_set():
            self._called.clear()
            await self._take()
            if polls % RESEND_EVERY == 0:
                await self._resend()
            polls += 1
            await self._pause(stop)

    async def _take(self) -> None:
        free = AT_ONCE - len(self._deliveries)
        if free <= 0:
            return
        for workspace, lane in await delivery.take_left(self._db, free):
            task = asyncio.create_task(self._gateway.deliver(workspace, lane, claimed=True))
            self._deliveries.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[bool]) -> None:
        """A place is free: look at once whether another lane waits for it."""
        self._deliveries.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _LOG.error("delivery_raised", error=type(task.exception()).__name__)
        self._called.set()

    async def _resend(self) -> None:
        again = await delivery.resend(self._db)
        if again.sent:
            _LOG.warning("rows_sent_again", count=again.sent)
        for lane, seq in again.dead:
            _LOG.error("row_dead", lane=lane, seq=seq, reason="undelivered")

    async def _pause(self, stop: asyncio.Event) -> None:
        """Until a notice, a finished delivery or the end; no longer than the poll's interval."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, self._called)]
        try:
            await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
