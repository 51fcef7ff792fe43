"""One effect, once: under its ledger row, by the local try of a turn or by an ordinary activity."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.arguments import read
from activities.base import Action, Lost, Tools, effect_key
from activities.flights import Flight, Flights, Verdict, done, doubted, failure, fly, given_up, unseen
from activities.metrics import EFFECTS, RECONCILED
from dsl.digests import digest_of
from dsl.messages import Effect, Outcome, Report, Scene
from providers.errors import Failed, Unknown
from store import ledger
from store.database import Database
from store.ids import made_at
from store.ledger import Entry, LedgerRow
from store.record import Settled

log = structlog.get_logger()

LOCAL_PATIENCE = 1.5
"""Seconds a local try waits for its call before the effect goes on as an ordinary activity."""
LISTED_AFTER = timedelta(seconds=4)
"""After `until`, how long a message may take to show in the provider's list."""
MARGIN = 1.0


class Attempts:
    """Executes effects by the rules of the ledger (protocols 3.1 to 3.4)."""

    def __init__(
        self,
        db: Database,
        actions: Mapping[str, type[Action]],
        outfit: Callable[[Scene, str], Tools],
        restored_at: datetime | None = None,
    ) -> None:
        """`restored_at`: when the databases were put back to an earlier moment, if they were."""
        self.db, self.actions, self.outfit = db, actions, outfit
        self.flights, self.restored_at = Flights(), restored_at

    def fit(self, effect: Effect) -> Action | Report:
        """The executor with its arguments, or how an effect ended that nobody can perform.

        Raises what is our fault, as `read` does, before anything is begun.
        """
        try:
            return read(self.actions[effect.activity], effect.args)
        except Failed as error:
            return Report(state="failed", outcome=failure(error.info().but(provider=None)))

    async def local(
        self, scene: Scene, effect: Effect, row: LedgerRow | None
    ) -> tuple[Report, Verdict | None]:
        """A try that waits 1.5 s at most. With a verdict, the caller settles the row with the record."""
        action = self.fit(effect)
        if isinstance(action, Report):
            return action, None
        key = effect_key(scene, effect)
        if row is not None and not row.fresh:
            flight = self.flights.get(key)
            if row.state != "attempting" or flight is None:
                return report_of(row), None
        elif row is not None and self._may_be_done(scene, row):
            return Report(state="later"), None
        else:
            flight = self._launch(scene, effect, action, row)
        try:
            verdict = await self.flights.wait(flight, LOCAL_PATIENCE)
        except Exception as error:  # a bug: nobody knows what it did; the ordinary activity tells it on
            log.error("executor_raised", activity=effect.activity, error=type(error).__name__)
            return Report(state="later"), None
        if verdict is None or self._to_be_listed(scene, effect, verdict):
            return Report(state="later"), None
        if verdict.state == "open":
            if row is not None:
                await self._settle(scene, effect, row, verdict)
            return Report(state="later"), None
        return Report(
            state=verdict.state, outcome=verdict.outcome, attempt=row.attempt if row else 1
        ), verdict

    async def ordinary(self, scene: Scene, effect: Effect, tries: int) -> Report:
        """To the effect's end: raises only to be called again later."""
        action = self.fit(effect)
        if isinstance(action, Report):
            return action
        if not action.is_effect():
            return await self._read(scene, effect, action, tries)
        row = await ledger.take(self.db, scene.workspace, scene.execution_id, entry_of(effect), lease(effect))
        if row.fresh and row.ghost and action.moves_money:
            return await self._doubtful(scene, effect, row)
        if row.fresh and self._may_be_done(scene, row):
            raise again(await self._seconds_to(row.until))
        if row.fresh:
            return await self._take_off(scene, effect, action, row)
        if row.state == "attempting":
            return await self._other(scene, effect, action, row)
        if row.state == "open":
            raise again(await self._seconds_to(row.retry_at))
        return report_of(row)

    async def _read(self, scene: Scene, effect: Effect, action: Action, tries: int) -> Report:
        """A GET is not an effect: no row, tries counted by Temporal."""
        tools, test = self._tools(scene, effect), self._test(scene, effect, action)
        verdict = await fly(action, tools, self.db.now, test)
        if verdict.state == "open" and tries < effect.options.attempts:
            raise again(verdict.retry_after or backoff(effect, tries))
        return Report(
            state="failed" if verdict.outcome.error else "done", outcome=verdict.outcome, attempt=tries
        )

    async def _take_off(self, scene: Scene, effect: Effect, action: Action, row: LedgerRow) -> Report:
        verdict = await self.flights.wait(self._launch(scene, effect, action, row), lease(effect))
        if verdict is None or self._to_be_listed(scene, effect, verdict):
            raise again(MARGIN)
        if verdict.state == "open" and row.attempt >= effect.options.attempts:
            verdict = given_up(action, verdict)
        await self._settle(scene, effect, row, verdict)
        if verdict.state == "open":
            raise again(verdict.retry_after or backoff(effect, row.attempt))
        return Report(state=verdict.state, outcome=verdict.outcome, attempt=row.attempt)

    async def _doubtful(self, scene: Scene, effect: Effect, row: LedgerRow) -> Report:
        """Money that a lost task may have moved in this place is not moved again, whatever the amount."""
        outcome = Outcome(exit="unknown", at=await self.db.now())
        await self._settle(scene, effect, row, Verdict("unknown", outcome))
        return Report(state="unknown", outcome=outcome, attempt=row.attempt)

    async def _other(self, scene: Scene, effect: Effect, action: Action, row: LedgerRow) -> Report:
        """Another attempt is in the air: wait for it here, or for its `until`, and only then reconcile."""
        flight = self.flights.get(effect_key(scene, effect))
        if flight is not None:
            await self.flights.wait(flight, lease(effect))
            raise again(0.1)
        listed = LISTED_AFTER if action.recovery_on(scene) == "list" else timedelta(0)
        if (ahead := await self._seconds_to(row.until + listed if row.until else None)) > 0:
            raise again(ahead)
        verdict = await self._reconciled(scene, effect, action, row)
        RECONCILED.labels(effect.activity, verdict.state).inc()
        await self._settle(scene, effect, row, verdict)
        if verdict.state == "open":
            raise again(0.1)
        return Report(state=verdict.state, outcome=verdict.outcome, attempt=row.attempt)

    async def _reconciled(self, scene: Scene, effect: Effect, action: Action, row: LedgerRow) -> Verdict:
        """What a dead attempt left: found, provably absent, harmless to repeat, or honestly unknown."""
        outcome = Outcome(exit="unknown", at=await self.db.now())
        tools = self._tools(scene, effect)
        if action.repeats(tools):
            return Verdict("open", outcome, retry_after=0)
        if action.recovery_on(scene) == "none":
            return Verdict("unknown", outcome)
        try:
            found = await action.recover(tools, await self._lost(scene, row))
        except Unknown:  # nobody can look for it any more
            return Verdict("unknown", outcome)
        if found is None:
            return Verdict("open", outcome, retry_after=0)
        return done(action, tools, found.but(at=outcome.at))

    def _may_be_done(self, scene: Scene, row: LedgerRow) -> bool:
        """What an execution from before a restore begins anew may have been done in the time that is lost.

        It is left to the rules for an attempt that nobody saw the end of.
        """
        return (
            self.restored_at is not None
            and row.attempt == 1
            and made_at(scene.execution_id) < self.restored_at
        )

    async def _seconds_to(self, moment: datetime | None) -> float:
        """By the clock that the ledger's rows were written by."""
        return (moment - await self.db.now()).total_seconds() if moment is not None else 0.0

    async def _lost(self, scene: Scene, row: LedgerRow) -> Lost:
        key = (row.node, row.visit, row.number)
        after = await ledger.after_id(
            self.db, scene.workspace, scene.execution_id, key, scene.lane, before=self.restored_at
        )
        refs = await ledger.refs(self.db, scene.workspace, scene.conversation or "")
        ids = (ref.rpartition(":")[2] for ref in refs if ref.startswith(f"{scene.connection}:"))
        return Lost(after, frozenset(int(id) for id in ids if id.isdecimal()))

    def _launch(self, scene: Scene, effect: Effect, action: Action, row: LedgerRow | None) -> Flight:
        tools = replace(self._tools(scene, effect), again=row is not None and unseen(row.outcome))
        test = self._test(scene, effect, action)

        async def call() -> Verdict:
            return doubted(action, tools, await fly(action, tools, self.db.now, test))

        async def settle(verdict: Verdict) -> None:
            if row is not None and not self._to_be_listed(scene, effect, verdict):
                await self._settle(scene, effect, row, verdict)

        return self.flights.start(tools.key, call, settle)

    def _to_be_listed(self, scene: Scene, effect: Effect, verdict: Verdict) -> bool:
        """Unknown, but the provider can be asked: the row stays `attempting` until that is possible."""
        recovery = self.actions[effect.activity].recovery_on(scene)
        return verdict.state == "unknown" and recovery == "list"

    async def _settle(self, scene: Scene, effect: Effect, row: LedgerRow, verdict: Verdict) -> None:
        EFFECTS.labels(effect.activity, verdict.state).inc()
        retry = verdict.retry_after if verdict.retry_after is not None else backoff(effect, row.attempt)
        settled = settled_of(effect, row, verdict)
        await ledger.settle(
            self.db,
            scene.workspace,
            scene.execution_id,
            *(settled.node, settled.visit, settled.number, settled.attempt),
            state=settled.state,
            outcome=settled.outcome,
            provider=settled.provider,
            provider_ref=settled.provider_ref,
            retry_at_seconds=retry if verdict.state == "open" else None,
        )

    def _tools(self, scene: Scene, effect: Effect) -> Tools:
        return self.outfit(scene, effect_key(scene, effect))

    def _test(self, scene: Scene, effect: Effect, action: Action) -> Outcome | None:
        """A test run is answered by its mock data, else by the kind; executors never see the mode."""
        if scene.mode == "live":
            return None
        mocked = scene.mock_data.get(effect.node)
        if isinstance(mocked, dict) and "exit" in mocked:
            return Outcome.model_validate(mocked)
        return action.mock()


def entry_of(effect: Effect) -> Entry:
    """The effect's key and kind in the ledger, with a digest of its rendered arguments."""
    return Entry(effect.node, effect.visit, effect.number, effect.activity, digest_of(effect.args))


def settled_of(effect: Effect, row: LedgerRow, verdict: Verdict) -> Settled:
    """What the ledger keeps of a verdict."""
    outcome = verdict.outcome.model_dump(mode="json", by_alias=True)
    made = (verdict.provider_ref, verdict.provider)
    return Settled(effect.node, effect.visit, effect.number, row.attempt, verdict.state, outcome, *made)


def lease(effect: Effect) -> float:
    """Seconds until an attempt counts as dead: its time-out and a margin."""
    return effect.options.timeout + MARGIN


def backoff(effect: Effect, attempt: int) -> float:
    """Seconds before the next try."""
    options = effect.options
    return float(min(options.initial * options.backoff ** max(0, attempt - 1), options.max_interval))


def report_of(row: LedgerRow) -> Report:
    """How a row stands, for the walk."""
    if row.state not in ("done", "failed", "unknown"):
        return Report(state="later", attempt=row.attempt)
    outcome = Outcome.model_validate(row.outcome) if row.outcome else None
    return Report.model_validate({"state": row.state, "outcome": outcome, "attempt": row.attempt})


def again(seconds: float) -> ApplicationError:
    """Not an error: the same activity once more, after a while."""
    delay = timedelta(seconds=max(0.05, min(seconds, 900)))
    return ApplicationError(
        "not yet", type="Later", next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN
    )
