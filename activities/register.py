"""The worker's activities, by their names in histories: one for each executor, and the few nobody draws."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from temporalio import activity

from activities.answers.parse import SLOW, parse_answer
from activities.attempts import Attempts
from activities.base import Action
from activities.evaluation.evaluate import evaluate
from activities.evaluation.sandbox import Sandbox
from activities.perform import Performer
from dsl.messages import (
    CLOSE_WAIT,
    EVALUATE,
    FLUSH,
    PARSE_ANSWER,
    PERFORM,
    Attempt,
    ClosedWait,
    CloseWait,
    Flush,
    Outcome,
    Perform,
    Performed,
    Report,
)
from store import inbox


def activities(
    attempts: Attempts, actions: Mapping[str, type[Action]], sandbox: Sandbox | None = None
) -> list[Callable[..., Any]]:
    """The worker's activities; whoever hands in a sandbox for JavaScript closes it."""
    return [*_undrawn(attempts, sandbox or Sandbox()), *performing(attempts, actions)]


def performing(attempts: Attempts, kinds: Iterable[str]) -> list[Callable[..., Any]]:
    """The activities of some executors alone."""
    return [_executor(name, attempts) for name in sorted(kinds)]


def _undrawn(attempts: Attempts, sandbox: Sandbox) -> list[Callable[..., Any]]:
    performer = Performer(attempts)

    @activity.defn(name=PERFORM)
    async def perform(request: Perform) -> Performed:
        return await performer.perform(request)

    @activity.defn(name=FLUSH)
    async def flush(record: Flush) -> Performed:
        return await performer.perform(Perform(flush=record))

    @activity.defn(name=CLOSE_WAIT)
    async def close_wait(ask: CloseWait) -> ClosedWait:
        return await inbox.accepted_until(attempts.db, ask)

    @activity.defn(name=PARSE_ANSWER)
    async def parse(args: dict[str, Any]) -> Outcome:
        if args.get("expects") in SLOW:  # the loop has other things to do meanwhile
            return await asyncio.to_thread(parse_answer, args)
        return parse_answer(args)

    @activity.defn(name=EVALUATE)
    async def decide(args: dict[str, Any]) -> Outcome:
        return await evaluate(args, sandbox)

    return [perform, flush, close_wait, parse, decide]


def _executor(name: str, attempts: Attempts) -> Callable[..., Any]:
    """The ordinary activity of one kind; its tries without a ledger row are Temporal's."""

    @activity.defn(name=name)
    async def execute(attempt: Attempt) -> Report:
        return await attempts.ordinary(attempt.scene, attempt.effect, activity.info().attempt)

    return execute
