"""Provider calls in the air: a call runs in a task of the worker that no leash and no cancellation cuts."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog

from activities.base import Action, Tools
from dsl.limits import Limits
from dsl.messages import ErrorInfo, Outcome
from dsl.model import Json
from providers.errors import ProviderError

log = structlog.get_logger()

SETTLE_TRIES = 5


@dataclass(frozen=True)
class Verdict:
    """What a call came to. `open`: provably without effect, again after `retry_after` seconds."""

    state: Literal["done", "failed", "open", "unknown"]
    outcome: Outcome
    retry_after: float | None = None
    provider: str | None = None
    provider_ref: str | None = None
    """`<connection>:<id>` of what was made there."""


@dataclass
class Flight:
    """A call; its row is settled by whoever waits for it or, once `detached`, by the task itself."""

    task: asyncio.Task[Verdict]
    detached: bool = False


class Flights:
    """The calls of this process, by effect key."""

    def __init__(self) -> None:
        self._flying: dict[str, Flight] = {}
        self._settling: set[asyncio.Task[None]] = set()

    def get(self, key: str) -> Flight | None:
        """The call of an effect, while it is in the air here."""
        return self._flying.get(key)

    def start(
        self, key: str, call: Callable[[], Awaitable[Verdict]], settle: Callable[[Verdict], Awaitable[object]]
    ) -> Flight:
        """Begin a call; `settle` writes its outcome once nobody waits for it any more."""
        flight = self._flying[key] = Flight(asyncio.ensure_future(call()))
        flight.task.add_done_callback(lambda _: self._landed(key, flight, settle))
        return flight

    def _landed(self, key: str, flight: Flight, settle: Callable[[Verdict], Awaitable[object]]) -> None:
        self._flying.pop(key, None)
        if flight.detached and not flight.task.cancelled() and flight.task.exception() is None:
            settling = asyncio.create_task(_persistently(settle, flight.task.result()))
            self._settling.add(settling)
            settling.add_done_callback(self._settling.discard)

    async def wait(self, flight: Flight, seconds: float) -> Verdict | None:
        """Its verdict; None when it takes longer: then, or when the caller is cut, it settles itself."""
        try:
            done, _ = await asyncio.wait([flight.task], timeout=seconds)
        except asyncio.CancelledError:
            flight.detached = True
            raise
        if not done:
            flight.detached = True
            return None
        return flight.task.result()

    async def drain(self) -> None:
        """Every call in the air has landed and is settled: before the pools close."""
        while landing := [*(flight.task for flight in self._flying.values()), *self._settling]:
            await asyncio.wait(landing)


async def _persistently(settle: Callable[[Verdict], Awaitable[object]], verdict: Verdict) -> None:
    for attempt in range(SETTLE_TRIES):
        try:
            await settle(verdict)
            return
        except Exception as error:
            log.warning("effect_not_settled", error=type(error).__name__, attempt=attempt)
            await asyncio.sleep(0.2 * 2**attempt)


async def fly(
    action: Action, tools: Tools, now: Callable[[], Awaitable[datetime]], test: Outcome | None = None
) -> Verdict:
    """One execution, classed, and when it ended. A bug (any other exception) flies on to the caller."""
    verdict = await _flown(action, tools, test)
    return replace(verdict, outcome=verdict.outcome.but(at=await now()))


async def _flown(action: Action, tools: Tools, test: Outcome | None) -> Verdict:
    try:
        outcome = test or await action.execute(tools)
    except ProviderError as error:
        return _classed(action, tools, error)
    if (size := len(json.dumps(outcome.value, default=str))) > Limits().result_bytes:
        text = f"The result takes {size} bytes; {Limits().result_bytes} are allowed."
        return Verdict("failed", failure(ErrorInfo(code="RESULT_TOO_LARGE", message=text)))
    return done(action, tools, outcome)


def done(action: Action, tools: Tools, outcome: Outcome) -> Verdict:
    """The verdict of an outcome; the id in its value is the provider's."""
    id, origin = outcome.value.get("id") if isinstance(outcome.value, dict) else None, action.origin(tools)
    ref = f"{origin.connection}:{id}" if isinstance(id, int | str) else None
    return Verdict("done", outcome, provider=origin.provider, provider_ref=ref)


def _classed(action: Action, tools: Tools, error: ProviderError) -> Verdict:
    """The outcome classes: what was not sent or refused may be tried again, what is unknown may not."""
    outcome = failure(error.info())
    if action.retries(error, tools):
        return Verdict("open", outcome.but(exit="unknown"), retry_after=error.retry_after)
    if error.retryable:
        return Verdict("open", outcome, retry_after=error.retry_after)
    return Verdict("unknown" if error.standing == "unknown" else "failed", outcome)


def unseen(before: Mapping[str, Json] | None) -> bool:
    """Whether nobody saw the end of the attempt that came to this."""
    return before is not None and before.get("exit") == "unknown"


def doubted(action: Action, tools: Tools, verdict: Verdict) -> Verdict:
    """The verdict after an attempt whose end nobody saw: a failure does not tell that nothing happened."""
    went_well = verdict.state == "done" and verdict.outcome.exit != "failed"
    if went_well or not (action.doubts and tools.again):
        return verdict
    state: Literal["open", "unknown"] = "open" if verdict.state == "open" else "unknown"
    return replace(verdict, state=state, outcome=verdict.outcome.but(exit="unknown"))


def given_up(action: Action, verdict: Verdict) -> Verdict:
    """An effect that is not tried again: it failed, or nobody knows."""
    if action.doubts and verdict.outcome.exit == "unknown":
        return replace(verdict, state="unknown")
    return replace(verdict, state="failed", outcome=verdict.outcome.but(exit="error"))


def failure(error: ErrorInfo) -> Outcome:
    """The outcome of a call that failed."""
    return Outcome(exit="error", error=error)
