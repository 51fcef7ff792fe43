"""Conversations worth keeping as histories; `pytest --update-golden` records those that are missing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHistory

from dsl.messages import Limits
from store.database import Database
from tests.goldens import Golden
from tests.workflows import corpus
from tests.workflows.stage import Handle, Stage
from tests.workflows.test_walk import LEAD
from tests.workflows.world import flow
from wiring.converter import data_converter
from wiring.embedded.temporal import Temporal
from wiring.plans import PlanCache

pytestmark = pytest.mark.real

NAP: dict[str, Any] = {"id": "d", "type": "delay", "config": {"for": "1s"}}
END: dict[str, Any] = {"id": "e", "type": "end"}
QUICK: dict[str, Any] = {"text": "?", "saveTo": "x", "timeout": "2s"}


def asked(**config: Any) -> dict[str, Any]:
    """A question with an answer and a timeout."""
    question: dict[str, Any] = {"id": "q", "type": "question", "config": QUICK | config}
    ends = [
        {"id": "yes", "type": "message", "config": {"text": "Thank you"}},
        {"id": "no", "type": "message", "config": {"text": "You ran out of time"}},
        END,
    ]
    return flow([question, *ends], [("q", "yes"), ("q", "timeout", "no"), ("yes", "e"), ("no", "e")])


async def lead(stage: Stage, handle: Handle) -> None:
    """A name, a bad address, a good one."""
    for count, text in enumerate(["John", "nonsense", "john@example.com"], start=1):
        await stage.until_said(count)
        await stage.say(handle, text)


async def silence(stage: Stage, handle: Handle) -> None:
    """Nobody answers."""


Talk = Callable[[Stage, Handle], Awaitable[None]]
CASES: dict[str, tuple[dict[str, Any], Limits, Talk]] = {
    "lead_capture": (LEAD, Limits(), lead),
    "inspect": (LEAD, Limits(fast=False), lead),
    "continued": (LEAD, Limits(every_steps=4), lead),
    "timed_out": (asked(), Limits(), silence),
    "reminded": (asked(reminders=[{"after": "1s", "text": "Still there?"}]), Limits(), silence),
    "slept": (
        flow(
            [{"id": "d", "type": "delay", "config": {"for": "1s"}}, {"id": "e", "type": "end"}], [("d", "e")]
        ),
        Limits(),
        silence,
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_conversation_is_on_record(
    name: str, db: Database, temporal: Temporal, golden: Golden
) -> None:
    document, limits, talk = CASES[name]
    plans: dict[str, Any] = {}
    stage = Stage(db, await _client(temporal.address, plans), f"recording-{name}", plans)
    async with stage.worker():
        handle = await stage.start(document, limits=limits)
        await talk(stage, handle)
        await handle.result()
    runs = await _runs(stage.client, handle)
    if golden.updating and name not in corpus.stored():
        corpus.keep(name, runs, plans)
    assert len(corpus.stored()[name]) == len(runs)


async def _client(address: str, plans: dict[str, Any]) -> Client:
    async def load(digest: str) -> Any:
        return plans.get(digest)

    converter = data_converter(corpus.Clear(), PlanCache(load))
    return await Client.connect(address, data_converter=converter)


async def _runs(client: Client, handle: Handle) -> list[WorkflowHistory]:
    """The chain of runs, first to last."""
    runs, run_id = [], handle.first_execution_run_id
    while run_id:
        history = await client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        runs.append(history)
        last = history.events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return runs
