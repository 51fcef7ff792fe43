"""The whole road on real parts: two API processes, one worker with its relay, a Chatwoot to speak in."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from pydantic import SecretStr
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.worker import Worker

from activities.attempts import Attempts
from activities.base import Tools
from activities.register import activities
from api.app import create_app
from api.parts import Channel, Parts
from dsl.limits import Limits
from dsl.messages import QUEUE
from intake.gateway import Gateway
from intake.relay import Relay
from providers.chatwoot.memory import MemoryChatwoot
from providers.chatwoot.models import OUTGOING, Sent
from providers.chatwoot.port import ChatwootPort
from providers.chatwoot.signature import sign
from providers.http.safe import SafeHttp
from store import access, plans
from store.database import Database
from tests.providers.chatwoot.desk import API, CHANNELS, Desk, client_of
from wiring.catalog import catalogue
from wiring.files import ROOT
from wiring.keys import Keys
from wiring.plans import PlanCache
from wiring.temporal import connect, worker_options
from worker import executors
from workflows.flow import FlowWorkflow

LEAD = json.loads((ROOT / "examples" / "lead_capture" / "lead_capture.json").read_bytes())
CONNECTION = "desk-3"
SECRET = SecretStr("whsec-of-the-road")
PERSON = {"id": 501, "name": "Asha", "type": "contact"}


class Parlour(MemoryChatwoot):
    """A Chatwoot in memory, met like a desk: so quick that a thousand conversations take minutes.

    A message takes `seconds()` on its way.
    """

    def __init__(self, seconds: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__()
        self.seconds = seconds

    async def start(self, inbox: int = API) -> str:
        """A new conversation."""
        conversation = str(len(self.talks) + 1)
        self.open(conversation, CHANNELS[inbox])
        return conversation

    async def act(self, action: str, *, conversation: int, text: str) -> dict[str, Any]:
        """A person `say`s something."""
        assert action == "say", action
        return {"messageId": self.hear(str(conversation), text)}

    async def thread(self, conversation: str) -> list[dict[str, Any]]:
        """What the bot has said."""
        return [row for row in self.talks[conversation].messages if row["message_type"] == OUTGOING]

    async def send_message(self, *args: Any, **more: Any) -> Sent:
        await asyncio.sleep(self.seconds())
        return await super().send_message(*args, **more)


Meeting = Desk | Parlour
"""Where people and the bot meet."""


def _client_at(meeting: Meeting) -> AbstractAsyncContextManager[ChatwootPort]:
    return nullcontext(meeting) if isinstance(meeting, Parlour) else client_of(meeting)


@dataclass
class Road:
    """Two API processes on one database; what people write comes in by signed webhooks at either."""

    apps: Sequence[FastAPI]
    db: Database
    client: Client
    desk: Meeting
    key: str
    _http: Sequence[httpx.AsyncClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._http = [
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://road.test")
            for app in self.apps
        ]

    async def publish(self, document: dict[str, Any]) -> None:
        """The flow, live."""
        headers = {"X-API-Key": self.key}
        saved = await self._http[0].post("/api/v1/flows", json={"flow": document}, headers=headers)
        done = await self._http[0].post(f"/api/v1/flows/{saved.json()['id']}/publish", headers=headers)
        assert done.status_code == 200, done.text

    async def greeted(self) -> str:
        """A conversation in which the lead capture has asked its first question, and all is on record."""
        conversation = await self.desk.start(API)
        await self.say(conversation, "hello")
        await self.until_said(conversation, 1)
        await self.until_quiet()
        return conversation

    async def redrive_all(self) -> None:
        """Every dead letter is tried again, by an operator."""
        headers = {"X-API-Key": self.key}
        listed = await self._http[1].get("/api/v1/dead-letters", headers=headers)
        for letter in listed.json()["items"]:
            path = f"/api/v1/dead-letters/{letter['id']}/redrive"
            assert (await self._http[1].post(path, headers=headers)).status_code == 202

    async def write(self, conversation: str, text: str) -> bytes:
        """A message of the person in Chatwoot; the webhook that tells of it."""
        said = await self.desk.act("say", conversation=int(conversation), text=text)
        return _webhook(conversation, said["messageId"], text)

    async def tell(self, webhook: bytes, process: int = 0) -> str:
        """The webhook at one of the processes: `accepted` or `duplicate`."""
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Chatwoot-Timestamp": stamp,
            "X-Chatwoot-Signature": sign(SECRET, timestamp=stamp, body=webhook),
        }
        answer = await self._http[process].post("/webhooks/chatwoot/main", content=webhook, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["status"])

    async def say(self, conversation: str, text: str) -> None:
        """A message that is told of once."""
        assert await self.tell(await self.write(conversation, text)) == "accepted"

    async def said(self, conversation: str) -> list[str]:
        """What the bot has said."""
        return [str(row["content"]) for row in await self.desk.thread(conversation)]

    async def until_said(self, conversation: str, count: int, seconds: float = 30) -> list[str]:
        """The same, once there is so much of it."""
        async with asyncio.timeout(seconds):
            while len(said := await self.said(conversation)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return said

    async def until_quiet(self, seconds: float = 50) -> None:
        """Every row of the inbox has come to its end."""
        open_rows = "SELECT count(*) FROM inbound_events WHERE state IN ('received', 'handed')"
        async with asyncio.timeout(seconds):
            while await self.db.fetchval(open_rows):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def until_rows(self, count: int, seconds: float = 30) -> None:
        """So many rows are in the inbox."""
        async with asyncio.timeout(seconds):
            while await self.db.fetchval("SELECT count(*) FROM inbound_events") < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def fates(self) -> list[tuple[int, str, str | None]]:
        """(seq, state, how) of every row."""
        rows = await self.db.fetch("SELECT seq, state, how FROM inbound_events ORDER BY seq")
        return [tuple(row) for row in rows]

    async def execution(self) -> dict[str, Any]:
        """The only execution."""
        [row] = await self.db.fetch("SELECT status, context, workflow_id, first_run_id FROM executions")
        return dict(row)

    async def task_failures(self) -> list[str]:
        """Causes of failed workflow tasks in the execution's whole chain of runs."""
        row = await self.execution()
        events = self.events(row["workflow_id"], row["first_run_id"])
        return [cause async for event in events if (cause := cause_of(event))]

    async def events(self, workflow_id: str, first_run: str) -> AsyncIterator[HistoryEvent]:
        """The history of a chain of runs."""
        run = first_run
        while run:
            handle = self.client.get_workflow_handle(workflow_id, run_id=run)
            run = ""
            async for event in handle.fetch_history_events():
                run = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or run
                yield event

    async def close(self) -> None:
        """Let deliveries end."""
        for app, http in zip(self.apps, self._http, strict=True):
            await app.state.parts.deliveries.finish(10)
            await http.aclose()


def cause_of(event: HistoryEvent) -> str | None:
    """Why a workflow task failed, where the event says that one did."""
    if event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        return None
    return WorkflowTaskFailedCause.Name(event.workflow_task_failed_event_attributes.cause)


def _webhook(conversation: str, message: int, text: str) -> bytes:
    return orjson.dumps(
        {
            "event": "message_created", "id": message, "content": text, "message_type": "incoming",
            "private": False, "sender": PERSON, "account": {"id": 3, "name": "Duka Moja"},
            "inbox": {"id": API, "name": "Api"},
            "conversation": {
                "id": int(conversation), "status": "pending", "inbox_id": API, "channel": "Channel::Api",
            },
        }
    )  # fmt: skip


@asynccontextmanager
async def opened_road(
    dsn: str,
    temporal: str,
    desk: Meeting,
    keys: Keys,
    *,
    worker: bool = True,
    limits: Limits | None = None,
) -> AsyncIterator[Road]:
    """A road to a Temporal address; without `worker` only its two API processes. `limits` are of its runs."""
    async with AsyncExitStack() as stack:
        apps = []
        for _ in range(2):
            db = await Database.open(dsn, size=8)
            stack.push_async_callback(db.close)
            client = await _client(db, temporal, keys)
            channel = Channel("main", CONNECTION, (SECRET,))
            parts = Parts(db, Gateway(db, client, limits), catalogue(), {"main": channel}, "0")
            apps.append(create_app(parts))
        db, client = apps[0].state.parts.db, await _client(apps[0].state.parts.db, temporal, keys)
        road = Road(apps, db, client, desk, await access.create(db, "default", "road"))
        stack.push_async_callback(road.close)
        if worker:
            await stack.enter_async_context(working(dsn, temporal, desk, keys, limits=limits))
        yield road


@asynccontextmanager
async def working(
    dsn: str, temporal: str, desk: Meeting, keys: Keys, *, limits: Limits | None = None
) -> AsyncIterator[None]:
    """A worker process with its relay."""
    async with AsyncExitStack() as stack:
        db = await Database.open(dsn, size=8)
        stack.push_async_callback(db.close)
        chatwoots = {CONNECTION: await stack.enter_async_context(_client_at(desk))}
        safe, client = SafeHttp(), await _client(db, temporal, keys, lazy=False)
        stack.push_async_callback(safe.aclose)
        attempts = Attempts(db, executors(), lambda scene, key: Tools(scene, key, safe, chatwoots))
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[FlowWorkflow],
            activities=activities(attempts, executors()),
            **worker_options(),
        )
        stop = asyncio.Event()
        async with worker:
            relay = asyncio.create_task(Relay(db, Gateway(db, client, limits), chatwoots).run(stop))
            try:
                yield
            finally:
                stop.set()
                await relay
        await attempts.flights.drain()


async def _client(db: Database, temporal: str, keys: Keys, *, lazy: bool = True) -> Client:
    return await connect({"target_host": temporal}, keys, PlanCache(lambda d: plans.load(db, d)), lazy=lazy)
