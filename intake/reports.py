"""Reports that come later: routed to the effect they are about, and to the flow that waits to hear of it."""

import asyncio

import structlog

from dsl.inputs import Inbound
from dsl.model import Json
from intake.beliefs import Beliefs, Forged, News
from intake.gateway import Gateway
from intake.metrics import REPORTS
from intake.sweep import until
from providers.africastalking.delivery import climb, standing
from providers.africastalking.money import read_money
from providers.africastalking.refusal import PROVIDER
from providers.errors import ProviderError
from store import inbox, reports
from store.database import Database
from store.reports import How, Kept, Subject

POLL_SECONDS = 1.0
AT_ONCE = 16
"""Fewer than a provider that hangs could keep from the others for longer than a lease."""
REFUND = "refund_payment"
OTHER_VALUE = "OTHER_VALUE"
_PAID = {"delivered": "paid", "failed": "failed"}
_REFUNDED = {"delivered": "refunded", "failed": "failed"}

_LOG = structlog.get_logger(__name__)


class Reporter:
    """Routes reports: the process that took one in at once, the relay whatever is left."""

    def __init__(self, db: Database, gateway: Gateway, beliefs: Beliefs) -> None:
        self._db = db
        self._gateway = gateway
        self._beliefs = beliefs

    async def run(self, stop: asyncio.Event) -> None:
        """Route what is due, every second, until `stop`."""
        while not stop.is_set():
            try:
                while await self.once() == AT_ONCE:
                    continue
            except Exception as error:
                _LOG.warning("reports_interrupted", error=type(error).__name__)
            await until(stop, POLL_SECONDS)

    async def once(self) -> int:
        """Some of what is due now, side by side; how many reports were looked at."""
        due = await reports.due(self._db, AT_ONCE)
        for end in await asyncio.gather(*map(self.route, due), return_exceptions=True):
            if isinstance(end, BaseException):
                _LOG.warning("report_not_routed", error=type(end).__name__)
        return len(due)

    async def route(self, kept: Kept) -> None:
        """Take a report as far as it goes now; what it waits for is looked for again later.

        Those of the same effect that came before it go first: of two ends the first counts.
        """
        for one in [*await reports.ahead(self._db, kept), kept]:
            await self._route(one)

    async def _route(self, kept: Kept) -> None:
        seen = await reports.subject(self._db, kept.workspace, PROVIDER, f"{kept.connection}:{kept.ref}")
        if seen is None:
            return await self._later(kept, "unknown_effect")
        try:
            news = await self._beliefs.news(kept)
        except Forged:
            return await self._settle(kept, "refused")
        except ProviderError as error:
            _LOG.warning("report_not_confirmed", kind=kept.kind, code=error.code)
            news = None
        if news is None:
            return await self._later(kept, "refused", reports.ASKED_SECONDS)
        await self._applied(kept, seen, _owed(seen, news))

    async def _applied(self, kept: Kept, seen: Subject, news: News) -> None:
        now = _raw(seen)
        report = await self._report(kept, news) if climb(now, news.raw) != now else seen.report
        assert report is not None, "the first report always climbs"
        if report != seen.report and not await reports.write(self._db, kept.workspace, seen, report):
            # Another report was faster, which happens as often as a status can climb.
            return await self._route(kept)
        how = await self._told(kept, seen, report)
        if how is None:
            return await self._later(kept, "late")
        superseded = str(report["raw"]) != news.raw
        await self._settle(kept, "refused" if news.forged else "superseded" if superseded else how)

    async def _told(self, kept: Kept, seen: Subject, report: dict[str, Json]) -> How | None:
        """Tell the flow, once, of an end that it waits for; None until its execution is on record."""
        if not seen.awaited or report["status"] == "pending":
            return "applied"
        if seen.connection is None or seen.address is None or seen.lane is None:
            return None
        event = _event(kept, seen, seen.address, report)
        if await inbox.known(self._db, kept.workspace, seen.connection, [event.key]):
            return "applied"
        if seen.over or seen.left_by is not None:
            return "applied" if seen.left_by == _said(seen, report) else "late"
        accepted = await inbox.accept(self._db, kept.workspace, seen.connection, event)
        if accepted.claimed:
            await self._gateway.deliver(kept.workspace, accepted.lane, claimed=True)
        return "applied"

    async def _report(self, kept: Kept, news: News) -> dict[str, Json]:
        """What an effect keeps of a report: nothing of a person."""
        told: dict[str, Json] = {"status": standing(news.raw), "raw": news.raw, "kind": kept.kind}
        reason = {"reason": news.reason} if news.reason else {}
        return {**told, **reason, "at": (await self._db.now()).isoformat()}

    async def _later(self, kept: Kept, otherwise: How, seconds: float = reports.KEPT_SECONDS) -> None:
        if await reports.put_off(self._db, kept, seconds):
            await self._settle(kept, otherwise)

    async def _settle(self, kept: Kept, how: How) -> None:
        if not await reports.settle(self._db, kept, how):
            return
        REPORTS.labels(kept.kind, how).inc()
        if how in ("late", "refused", "unknown_effect"):
            _LOG.warning("report_" + how, kind=kept.kind, report=kept.id)


def _owed(seen: Subject, news: News) -> News:
    """Another amount than was asked for is not what was asked for, as where the node itself asks."""
    asked = read_money(f"{seen.currency} {seen.amount}")
    if news.raw != "Success" or news.value is None or asked is None or news.value.same(asked):
        return news
    return news._replace(raw="Failed", reason=OTHER_VALUE)


def _raw(seen: Subject) -> str | None:
    return str(seen.report["raw"]) if seen.report else None


def _event(kept: Kept, seen: Subject, address: str, report: dict[str, Json]) -> Inbound:
    """The report as an input of its flow."""
    place: dict[str, Json] = {"node": seen.node, "visit": seen.visit, "number": seen.number, "id": kept.ref}
    about = {name: report[name] for name in ("reason", "at") if name in report}
    return Inbound(
        key=f"report:{seen.id}",
        address=address,
        event="effect_report",
        kind="report",
        value={**place, "status": _said(seen, report), **about},
    )


def _said(seen: Subject, report: dict[str, Json]) -> str:
    """The end that is reported, as the node's exits name it."""
    status = str(report["status"])
    if report["kind"] != "payment":
        return status
    return (_REFUNDED if seen.kind == REFUND else _PAID)[status]
