"""Consecutive fast effects with the record: one INSERT before, the calls in order, one transaction after."""

import time
from collections.abc import Sequence

from activities.attempts import Attempts, entry_of, lease, settled_of
from activities.base import Action
from activities.flights import Verdict
from activities.metrics import EFFECTS, FALLBACKS
from dsl.messages import Effect, Flush, Perform, Performed, Report
from dsl.prompts import prompted
from dsl.values import size_of
from store import ledger, record
from store.ledger import LedgerRow
from store.record import Settled

START_WITHIN = 0.5
"""Seconds after which no further call is begun."""


class Performer:
    """The activity `perform`."""

    def __init__(self, attempts: Attempts) -> None:
        self.attempts, self.db = attempts, attempts.db

    async def perform(self, request: Perform) -> Performed:
        """Stops at the first effect not done; the record is written only up to there."""
        began = time.monotonic()
        rows = await self._begin(request)
        reports: list[Report] = []
        settled: list[Settled] = []
        for effect, row in zip(request.effects, rows, strict=True):
            if reports and time.monotonic() - began > START_WITHIN:
                break
            report, verdict = await self.attempts.local(request.flush.scene, effect, row)
            reports.append(report)
            _count(effect, report, verdict)
            if row is not None and verdict is not None:
                settled.append(settled_of(effect, row, verdict))
            if not effect.went_as_expected(report):
                break
        applied = await self._record(request, reports, settled, rows)
        return Performed(
            reports=reports,
            recorded=applied.recorded,
            superseded=applied.superseded,
            late=list(applied.late),
            elapsed=time.monotonic() - began,
            size=size_of([report.outcome.value for report in reports if report.outcome]),
        )

    async def _begin(self, request: Perform) -> Sequence[LedgerRow | None]:
        """T4 in one statement; arguments are read first, so that a bug of ours leaves nothing behind."""
        effects, scene = request.effects, request.flush.scene
        ledgered = [effect for effect in effects if self._is_ledgered(effect)]
        if not ledgered:
            return [None] * len(effects)
        seconds = max(lease(effect) for effect in ledgered)
        entries = [entry_of(effect) for effect in ledgered]
        begun = iter(await ledger.begin(self.db, scene.workspace, scene.execution_id, entries, seconds))
        return [next(begun) if effect in ledgered else None for effect in effects]

    def _is_ledgered(self, effect: Effect) -> bool:
        action = self.attempts.fit(effect)
        return isinstance(action, Action) and action.is_effect()

    async def _record(
        self,
        request: Perform,
        reports: list[Report],
        settled: list[Settled],
        rows: Sequence[LedgerRow | None],
    ) -> record.Applied:
        flush, performed = request.flush, zip(request.effects, reports, strict=False)
        done = sum(effect.went_as_expected(report) for effect, report in performed)
        never = [
            (effect.node, effect.visit, effect.number)
            for effect, row in zip(request.effects[len(reports) :], rows[len(reports) :], strict=True)
            if row is not None and row.fresh
        ]
        if done < len(request.effects):
            flush = _up_to(flush, request.effects[done], done)
        return await record.apply(self.db, prompted(flush, reports), settled, never)


def _count(effect: Effect, report: Report, verdict: Verdict | None) -> None:
    """Other verdicts are counted where they are settled."""
    if report.state == "later":
        FALLBACKS.labels(effect.activity).inc()
    elif verdict is not None:
        EFFECTS.labels(effect.activity, verdict.state).inc()


def _up_to(flush: Flush, effect: Effect, done: int) -> Flush:
    """The record as it is before an effect that was not done."""
    rows = [row for row in flush.rows if row.after < done]
    first = flush.rows[0].seq if flush.rows else flush.number + 1
    standing = flush.standing.model_copy(
        update={"status": "running", "node": effect.node, "waiting": None, "error": None, "reason": None}
    )
    number = rows[-1].seq if rows else first - 1
    consumed = [fate for fate in flush.consumed if fate.after < done]
    return flush.but(rows=rows, consumed=consumed, turned=[], number=number, standing=standing)
