"""The walk on real parts: a Temporal server, PostgreSQL and a worker, against a Chatwoot in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.attempts import Attempts
from activities.base import Action, Tools
from activities.evaluation.sandbox import Sandbox
from activities.register import activities
from activities.telecom import Telecom
from dsl.digests import plan_digest
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import DELIVER, WORKFLOW, Scene
from dsl.plan import Plan
from dsl.state import Loaded, RunInput
from providers.africastalking.memory import MemoryAfricasTalking
from providers.africastalking.memory_payments import MemoryPayments
from providers.chatwoot.memory import MemoryChatwoot
from providers.chatwoot.models import Sent
from providers.http.safe import SafeHttp
from store.database import Database
from store.ids import new_id
from store.inbox import accept
from tests.activities.rows import make_rows
from tests.waiting import until
from tests.workflows.world import plan_of
from wiring.keys import Keys
from wiring.plans import PlanCache
from wiring.settings import CACHED_WORKFLOWS
from wiring.temporal import connect, worker_options
from worker import executors
from workflows.flow import FlowWorkflow

CONVERSATION = "77"
Handle = WorkflowHandle[Any, Any]


class Interrupted(MemoryChatwoot):
    """A Chatwoot where something happens while a message is on its way: `meanwhile` is told its text."""

    def __init__(self, meanwhile: Callable[[str], Awaitable[None]]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    async def send_message(self, conversation: str, text: str, **more: Any) -> Sent:
        await self.meanwhile(text)
        return await super().send_message(conversation, text, **more)


class NobodyOptsOut:
    """Opt-outs without one."""

    async def refuses(self, workspace: str, phone: str, sender: str | None) -> bool:
        return False

    async def add(self, workspace: str, phone: str, sender: str | None) -> None:
        raise AssertionError("nobody refuses a text in memory")


@dataclass
class Stage:
    """One flow, one conversation; `say` goes through the inbox as a webhook's message would."""

    db: Database
    client: Client
    queue: str
    plans: dict[str, Any]
    chatwoot: MemoryChatwoot = field(default_factory=MemoryChatwoot)
    http: SafeHttp = field(default_factory=SafeHttp)
    scene: Scene = field(default_factory=lambda: scene_of("default"))
    phones: MemoryAfricasTalking = field(default_factory=MemoryAfricasTalking)
    payments: MemoryPayments = field(default_factory=MemoryPayments)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    def worker(
        self,
        runner: WorkflowRunner | None = None,
        kinds: Mapping[str, type[Action]] | None = None,
        sandbox: Sandbox | None = None,
        cached: int = CACHED_WORKFLOWS,
    ) -> Worker:
        """A worker of this stage's own queue; `kinds`: other executors than this release's.

        `cached`: so many runs stay in it between their tasks; 0 is for those that are never fast.
        """
        safe, chatwoots = self.http, {"main": self.chatwoot}
        actions = executors() if kinds is None else kinds
        telecom = Telecom("phones", self.phones, NobodyOptsOut(), self.payments, product="Duka")
        attempts = Attempts(
            self.db, actions, lambda scene, key: Tools(scene, key, safe, chatwoots, telecom=telecom)
        )
        options = worker_options(cached=cached, fast=cached > 0)
        if runner is not None:
            options["workflow_runner"] = runner
        return Worker(
            self.client,
            task_queue=self.queue,
            workflows=[FlowWorkflow],
            activities=activities(attempts, actions, sandbox),
            **options,
        )

    async def start(
        self, document: dict[str, Any], *, limits: Limits | None = None, task_timeout: timedelta | None = None
    ) -> Handle:
        """Start the flow; its plan is there by digest."""
        return await self.start_plan(plan_of(document), limits=limits, task_timeout=task_timeout)

    async def start_plan(
        self,
        plan: Plan,
        below: Mapping[str, Plan] | None = None,
        *,
        limits: Limits | None = None,
        task_timeout: timedelta | None = None,
    ) -> Handle:
        """Start a plan; it is there by digest, and so are those `below`, which its subflows walk."""
        for one in (plan, *(below or {}).values()):
            self.plans[plan_digest(one)] = one.model_dump(mode="json", by_alias=True)
        await make_rows(self.db, self.scene)
        self.chatwoot.open(CONVERSATION)
        run = RunInput(
            scene=self.scene,
            plan=Loaded(plan_digest(plan), None),
            plans=[Loaded(digest, None) for digest in plan.plans],
            limits=limits or Limits(),
            started_at=datetime.now(UTC),
        )
        return await self.client.start_workflow(
            WORKFLOW,
            run,
            id=self.scene.execution_id,
            task_queue=self.queue,
            task_timeout=task_timeout,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )

    async def replay(self, handle: Handle) -> None:
        """Walk the history once more; raises where it now leads elsewhere."""
        replayer = Replayer(
            workflows=[FlowWorkflow],
            data_converter=self.client.data_converter,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        await replayer.replay_workflow(await handle.fetch_history())

    async def say(self, handle: Handle, text: str) -> Input:
        """A message of the contact, accepted and delivered."""
        input = await self.accept(text)
        await self.deliver(handle, [input])
        return input

    async def accept(self, text: str) -> Input:
        """A message of the contact, accepted and not yet delivered."""
        id = self.chatwoot.hear(CONVERSATION, text)
        event = {"key": f"msg:{id}", "address": CONVERSATION, "event": "message_created", "kind": "message"}
        inbound = Inbound.model_validate({**event, "text": text, "message_id": id})
        row = await accept(self.db, self.scene.workspace, "main", inbound)
        return Input(id=row.id, seq=row.seq, accepted_at=row.accepted_at, event=inbound)

    async def deliver(self, handle: Handle, inputs: list[Input]) -> None:
        """The signal, as the gateway sends it."""
        await handle.signal(DELIVER, inputs)

    async def until_said(self, count: int) -> list[str]:
        """What was said, once there are so many messages."""
        await until(lambda: len(self.chatwoot.said(CONVERSATION)) >= count, f"{count} messages")
        return self.chatwoot.said(CONVERSATION)

    async def execution(self) -> dict[str, Any]:
        """The record's row."""
        row = await self.db.fetchrow(
            """SELECT status, current_node_id AS node, context, error, last_seq FROM executions
            WHERE workspace_id = $1 AND id = $2""",
            *(self.scene.workspace, self.scene.execution_id),
        )
        return dict(row) if row else {}

    async def until_status(self, status: str) -> None:
        """The record says that the execution is at this status."""
        for _ in range(1000):
            if (found := await self.execution()).get("status") == status:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited for {status}: {found}")

    async def history(self) -> list[tuple[int, str, str, str | None]]:
        """(seq, node, phase, exit) of the record."""
        rows = await self.db.fetch(
            """SELECT seq, node_id, phase, exit FROM execution_history
            WHERE workspace_id = $1 AND execution_id = $2 ORDER BY seq""",
            *(self.scene.workspace, self.scene.execution_id),
        )
        return [tuple(row) for row in rows]


@asynccontextmanager
async def staged(db: Database, address: str, keys: Keys) -> AsyncIterator[Stage]:
    """A stage on a queue of its own."""
    plans: dict[str, Any] = {}

    async def load(digest: str) -> Any:
        return json.loads(json.dumps(plans[digest])) if digest in plans else None

    client = await connect({"target_host": address, "namespace": "default"}, keys, PlanCache(load))
    async with Stage(db, client, f"test-{new_id()}", plans) as stage:
        yield stage


def scene_of(workspace: str) -> Scene:
    """A new execution in the conversation."""
    return Scene(
        workspace=workspace,
        execution_id=new_id(),
        flow_id=new_id(),
        flow_version=1,
        lane=new_id(),
        connection="main",
        conversation=CONVERSATION,
        contact_id=501,
        channel="chatwoot",
        surface="Channel::WebWidget",
    )
