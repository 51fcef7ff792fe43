"""Plans by digest, the codec and the converter against a real Temporal server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from dsl.digests import plan_digest
from dsl.inputs import Inbound, Input
from dsl.plan import End, Plan, PlanNode
from dsl.state import RunInput
from tests.servers import running_temporal
from tests.wiring.log_capture import captured_logs
from tests.wiring.plan_probe import CANARY, SEEN, PlanProbe, echo, given
from wiring.codec import codec_of
from wiring.converter import data_converter
from wiring.embedded.temporal import Temporal
from wiring.keys import new_keys
from wiring.plans import PlanCache
from wiring.temporal import NAMESPACE, connect, worker_options

pytestmark = pytest.mark.real

KEYS = new_keys()
PLAN = Plan(
    flow="hello",
    name="Hello",
    start="end",
    nodes={"end": PlanNode(kind="end", label="End", entry="end")},
    steps={"end": End(id="end", node="end")},
)
DIGEST = plan_digest(PLAN)
WITHIN = timedelta(seconds=60)


class Shelf:
    """Stands for the table of plans: counts loads, may be down or slow."""

    def __init__(self, *, failures: int = 0) -> None:
        self.loads: list[str] = []
        self.failures = failures
        self.cache = PlanCache(self.load)

    async def load(self, digest: str) -> bytes | None:
        self.loads.append(digest)
        await asyncio.sleep(0.05)
        if len(self.loads) <= self.failures:
            raise ConnectionError(f"the database is down, {CANARY}")
        return PLAN.model_dump_json(by_alias=True).encode() if digest == DIGEST else None


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Temporal]:
    async with running_temporal() as temporal:
        yield temporal


async def client_of(server: Temporal, shelf: Shelf) -> Client:
    return await connect({"target_host": server.address}, KEYS, shelf.cache)


@asynccontextmanager
async def working(client: Client, queue: str, runner: WorkflowRunner | None = None) -> AsyncIterator[None]:
    options = worker_options()
    options["workflow_runner"] = runner or options["workflow_runner"]
    options["graceful_shutdown_timeout"] = timedelta(seconds=1)
    async with Worker(client, task_queue=queue, workflows=[PlanProbe], activities=[echo], **options):
        yield


async def begin(client: Client, queue: str, argument: RunInput) -> WorkflowHandle[PlanProbe, str]:
    return await client.start_workflow(
        PlanProbe.run,
        argument,
        id=f"probe-{uuid4()}",
        task_queue=queue,
        static_summary="A probe",
        task_timeout=timedelta(seconds=5),
        execution_timeout=WITHIN,
    )


def said(text: str) -> list[Input]:
    event = Inbound(key=text, address="1", event="message_created", kind="message", text=text)
    return [Input(id="1", seq=1, accepted_at=datetime.now(UTC), event=event)]


def a_queue() -> str:
    return f"probe-{uuid4()}"


async def test_two_runs_walk_one_shared_plan(server: Temporal) -> None:
    shelf, queue = Shelf(), a_queue()
    client = await client_of(server, shelf)
    SEEN.clear()
    async with working(client, queue):
        results = [await (await begin(client, queue, given(DIGEST))).result() for _ in range(2)]
    assert results == ["Hello: hello, heard []"] * 2
    first, second = SEEN
    assert first is not None
    assert first is second
    assert first == PLAN
    assert shelf.loads == [DIGEST]


async def test_after_a_restart_of_the_worker_five_runs_load_their_plan_once(server: Temporal) -> None:
    queue, before, after = a_queue(), Shelf(), Shelf()
    client = await client_of(server, before)
    SEEN.clear()
    async with working(client, queue):
        runs = [await begin(client, queue, given(DIGEST, wait=True)) for _ in range(5)]
        assert [await run.query(PlanProbe.plan_name) for run in runs] == ["Hello"] * 5
    SEEN.clear()
    again = await client_of(server, after)
    for run in runs:
        await run.signal("deliver", said("Jane"))
    async with working(again, queue):
        results = [await run.result() for run in runs]
    assert results == ["Hello: hello, heard ['Jane']"] * 5
    assert after.loads == [DIGEST]
    assert len(SEEN) == 5
    assert all(plan is SEEN[0] for plan in SEEN)


async def test_a_run_that_goes_on_in_a_new_one_keeps_the_shared_plan(server: Temporal) -> None:
    shelf, queue = Shelf(), a_queue()
    client = await client_of(server, shelf)
    SEEN.clear()
    async with working(client, queue):
        result = await (await begin(client, queue, given(DIGEST, again=True))).result()
    assert result == "Hello: hello, heard []"
    first, second = SEEN
    assert first is second is not None


async def test_a_plan_that_does_not_exist_reaches_the_workflow_as_none(server: Temporal) -> None:
    shelf, queue = Shelf(), a_queue()
    client = await client_of(server, shelf)
    async with working(client, queue):
        result = await (await begin(client, queue, given("0" * 64))).result()
    assert result == f"no plan {'0' * 64}"


async def test_while_the_database_is_down_the_task_is_tried_again(server: Temporal) -> None:
    shelf, queue = Shelf(failures=2), a_queue()
    client = await client_of(server, shelf)
    with captured_logs() as logs:
        async with working(client, queue):
            run = await begin(client, queue, given(DIGEST))
            result = await run.result()
    assert result == "Hello: hello, heard []"
    assert shelf.loads == [DIGEST] * 3
    assert "ConnectionError" in logs.getvalue()
    assert CANARY not in logs.getvalue()
    history = await run.fetch_history()
    failed = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
    assert failed
    assert failed[0].workflow_task_failed_event_attributes.failure.message == "Encoded failure"
    assert CANARY not in history.to_json()


@pytest.mark.parametrize("variables", [{"wait": True}, {"again": True}])
async def test_a_recorded_run_replays_with_a_cache_of_its_own(
    server: Temporal, variables: dict[str, object]
) -> None:
    shelf, queue, later = Shelf(), a_queue(), Shelf()
    client = await client_of(server, shelf)
    async with working(client, queue):
        run = await begin(client, queue, given(DIGEST, **variables))
        if "wait" in variables:
            await run.signal("deliver", said("Jane"))
        await run.result()
    SEEN.clear()
    replayer = Replayer(
        workflows=[PlanProbe],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(codec_of(KEYS, NAMESPACE), later.cache),
    )
    first_run = client.get_workflow_handle(run.id, run_id=run.first_execution_run_id)
    await replayer.replay_workflow(await first_run.fetch_history())
    assert SEEN == [PLAN]
    assert later.loads == [DIGEST]


async def test_the_sandbox_gives_the_plan_too(server: Temporal) -> None:
    shelf, queue = Shelf(), a_queue()
    client = await client_of(server, shelf)
    through = SandboxRestrictions.default.with_passthrough_modules("dsl", "dsl.state", "tests")
    async with working(client, queue, SandboxedWorkflowRunner(through)):
        result = await (await begin(client, queue, given(DIGEST, again=True))).result()
    assert result == "Hello: hello, heard []"


async def test_nothing_that_anybody_said_is_stored_or_logged_in_clear(server: Temporal) -> None:
    shelf, queue = Shelf(), a_queue()
    client = await client_of(server, shelf)
    with captured_logs() as logs:
        async with working(client, queue):
            heard = await begin(client, queue, given(DIGEST, wait=True, say=CANARY))
            await heard.signal("deliver", said(CANARY))
            told = await heard.result()
            failing = await begin(client, queue, given(DIGEST, say=f"fail {CANARY}"))
            with pytest.raises(WorkflowFailureError) as failure:
                await failing.result()
    assert "Completing activity as failed" in logs.getvalue()
    assert CANARY not in logs.getvalue()
    assert told == f"Hello: {CANARY}, heard ['{CANARY}']"
    assert_readable_with_the_key(failure.value)
    for run in (heard, failing):
        history = (await run.fetch_history()).to_json()
        assert_clean(history, control=run.first_execution_run_id or "")
        assert_clean(history, control="PlanProbe")
    stored = await asyncio.to_thread(stored_bytes, server.server.database)
    assert heard.id in stored
    assert CANARY not in stored
    assert DIGEST not in stored


def assert_readable_with_the_key(error: WorkflowFailureError) -> None:
    assert isinstance(error.cause, ActivityError)
    cause = error.cause.cause
    assert isinstance(cause, ApplicationError)
    assert cause.message == f"told to fail {CANARY}"
    assert cause.details[0] == {"detail": f"fail {CANARY}"}


def assert_clean(history: str, *, control: str) -> None:
    assert control in history
    assert CANARY not in history
    assert "Encoded failure" in history or "FAILED" not in history
    json.loads(history)


def stored_bytes(database: Path) -> str:
    files = database.parent.glob(f"{database.name}*")
    return "\n".join(file.read_bytes().decode("latin-1") for file in files)
