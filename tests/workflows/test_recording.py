"""`pytest --update-golden` records the histories that are missing; what is there is never written over."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory

from dsl.plan import Step
from store.database import Database
from tests.goldens import Golden
from tests.servers import running_temporal
from tests.workflows import corpus
from tests.workflows.beside import beside
from tests.workflows.lines import LINES
from tests.workflows.phone import Phone
from tests.workflows.recordings import EVERY, OLDER, RECORDINGS
from tests.workflows.stage import Handle, Interrupted, Stage
from tests.workflows.world import plan_of
from torture.checker.clear import Clear
from wiring.converter import data_converter
from wiring.embedded.temporal import Temporal
from wiring.plans import PlanCache


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[Temporal]:
    """A server as it comes, as those of the histories on record: one made to hurry continues more often."""
    async with running_temporal({}) as server:
        yield server


@pytest.mark.real
@pytest.mark.parametrize("name", RECORDINGS)
async def test_the_conversation_is_on_record(
    name: str, db: Database, temporal: Temporal, golden: Golden, tmp_path: Path
) -> None:
    recording, plans = RECORDINGS[name], dict[str, Any]()
    stage = Stage(db, await _client(temporal.address, plans), f"recording-{name}", plans)
    handle: Handle | None = None

    async def meanwhile(text: str) -> None:
        assert handle is not None
        await recording.meanwhile(stage, handle, text)

    stage.chatwoot = Interrupted(meanwhile)
    made = beside(tmp_path, recording.document, *recording.below)
    handle = await stage.start_plan(made.plan, made.plans, limits=recording.limits)
    async with stage, stage.worker():
        await recording.talk(stage, handle)
        with suppress(WorkflowFailureError):
            await handle.result()
    runs = await _runs(stage.client, handle)
    if golden.updating and name not in corpus.stored():
        corpus.keep(name, runs, plans)
    assert len(corpus.stored()[name]) == len(runs)


@pytest.mark.real
@pytest.mark.parametrize("name", LINES)
async def test_the_call_is_on_record(name: str, db: Database, temporal: Temporal, golden: Golden) -> None:
    dialled, plans = LINES[name], dict[str, Any]()
    stage = Stage(db, await _client(temporal.address, plans), f"recording-{name}", plans)
    phone = Phone(stage, dialled.surface)
    async with stage, stage.worker():
        await phone.dial(dialled.document, dialled.limits)
        await dialled.call(phone)
        await phone.handle.result()
    assert phone.run is not None
    runs = await _runs(stage.client, phone.run)
    if golden.updating and name not in corpus.stored():
        corpus.keep(name, runs, plans)
    assert len(corpus.stored()[name]) == len(runs)


def test_there_is_a_history_of_each() -> None:
    assert set(corpus.stored()) == set(RECORDINGS) | set(LINES) | OLDER


def test_what_happens_to_every_step_happens_to_steps_of_every_kind() -> None:
    kinds = {step.op for step in plan_of(EVERY).steps.values()}
    assert kinds == {"assign", "say", "wait", "call", "choose", "sleep", "end"}


def test_steps_of_every_kind_are_in_the_stored_plans(tmp_path: Path) -> None:
    every = {get_args(kind.model_fields["op"].annotation)[0] for kind in get_args(get_args(Step)[0])}
    walked = {
        step.op
        for recording in RECORDINGS.values()
        for step in beside(tmp_path, recording.document, *recording.below).plan.steps.values()
    }
    assert walked == every


async def _client(address: str, plans: dict[str, Any]) -> Client:
    async def load(digest: str) -> Any:
        return plans.get(digest)

    converter = data_converter(Clear(), PlanCache(load))
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
