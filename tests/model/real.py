"""A case played on the real parts: Temporal, PostgreSQL and a worker, against providers in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.attempts import Attempts
from activities.base import Tools
from activities.register import activities
from dsl.digests import plan_digest
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import DELIVER, WORKFLOW, Scene
from dsl.state import Loaded, RunInput
from providers.chatwoot.memory import MemoryChatwoot
from providers.chatwoot.models import Sent
from providers.errors import Failed
from providers.http.safe import SafeHttp
from store.database import Database
from store.ids import new_id
from store.inbox import accept
from tests.activities.rows import make_rows
from tests.model.world import known_of, plans_of
from tests.providers.http.standin import StandIn
from tests.workflows.stage import CONVERSATION, scene_of, staged
from torture.raw import then_cut
from torture.reference.case import REFUSAL, Account, Case, Done, Event, Fate, Json, Line, Seen, cause_of
from wiring.keys import Keys
from wiring.temporal import worker_options
from worker import executors
from workflows.flow import FlowWorkflow

LONGEST = 90.0
"""Seconds until a conversation that should have ended by itself is given up."""
HEADERS = {"content-type": "application/json"}
STATUS = {"success": 200, "failure": 404}


def answer_of(exit: str, body: Json) -> dict[str, Json]:
    """The value of an api call, as its executor reads it off the wire."""
    return {"status": STATUS[exit], "headers": HEADERS, "body": body}


class FatedChatwoot(MemoryChatwoot):
    """Comes to what `fate` says of the effect that is performed now."""

    fate = Fate()

    async def send_message(self, *args: Any, **more: Any) -> Sent:
        await self._come()
        return await super().send_message(*args, **more)

    async def toggle_status(self, *args: Any, **more: Any) -> None:
        await self._come()
        await super().toggle_status(*args, **more)

    async def add_labels(self, *args: Any, **more: Any) -> list[str]:
        await self._come()
        return await super().add_labels(*args, **more)

    async def remove_labels(self, *args: Any, **more: Any) -> list[str]:
        await self._come()
        return await super().remove_labels(*args, **more)

    async def assign(self, *args: Any, **more: Any) -> None:
        await self._come()
        await super().assign(*args, **more)

    async def update_contact(self, *args: Any, **more: Any) -> dict[str, Json]:
        await self._come()
        return await super().update_contact(*args, **more)

    async def _come(self) -> None:
        await asyncio.sleep(self.fate.seconds)
        if self.fate.state == "failed":
            raise Failed(REFUSAL, "no", provider="chatwoot")


@dataclass
class Play:
    """One conversation."""

    case: Case
    scene: Scene
    chatwoot: FatedChatwoot = field(default_factory=FatedChatwoot)
    webs: list[SafeHttp] = field(default_factory=list)

    def tools(self, key: str) -> Tools:
        """The providers, set to what the case says of the effect about to be performed."""
        _, node, visit, number = key.split(":")
        self.chatwoot.fate = self.case.fate(node, int(visit), int(number))
        self.webs.append(_web(self.chatwoot.fate))
        return Tools(self.scene, key, self.webs[-1], {str(self.scene.connection): self.chatwoot})


async def _outside(_host: str, _port: int) -> list[str]:
    return ["93.184.216.34"]


def _web(fate: Fate) -> SafeHttp:
    """A web that answers one request, or hangs up where nobody is to know what came of it."""
    head = f"HTTP/1.1 {STATUS[fate.exit]} Any\r\ncontent-type: application/json\r\n\r\n"
    body = json.dumps(fate.value["body"]) if isinstance(fate.value, dict) else "null"
    said = b"" if fate.state == "unknown" else (head + body).encode()
    return SafeHttp(resolve=_outside, network=StandIn(lambda: then_cut(said)).network)


class Theatre:
    """One worker, and many conversations at a time."""

    def __init__(
        self, db: Database, client: Client, queue: str, plans: dict[str, Any], limits: Limits
    ) -> None:
        self.db, self.client, self.queue, self.plans, self.limits = db, client, queue, plans, limits
        self.plays: dict[str, Play] = {}

    def worker(self, cached: int) -> Worker:
        """The worker as shipped, but for its small cache."""
        attempts = Attempts(
            self.db, executors(), lambda scene, key: self.plays[scene.execution_id].tools(key)
        )
        return Worker(
            self.client,
            task_queue=self.queue,
            workflows=[FlowWorkflow],
            activities=activities(attempts, executors()),
            **worker_options(cached=cached, fast=self.limits.fast),
        )

    async def play(self, case: Case) -> tuple[Case, Account]:
        """The conversation to its end: the case with the times it really had, and what came of it."""
        play = Play(case, scene_of(new_id()))  # a workspace of its own: none meets another's rows
        self.plays[play.scene.execution_id] = play
        await make_rows(self.db, play.scene)
        play.chatwoot.open(CONVERSATION)
        began = datetime.now(UTC)
        handle = await self._start(play, began)
        told = [await self._tell(play, handle, began, event) for event in _spaced(case)]
        await asyncio.wait_for(handle.result(), LONGEST)
        await asyncio.gather(*(web.aclose() for web in play.webs))
        effects = await self._effects(play)
        seen = {(row["node"], row["visit"], row["number"]): _seen(row, began) for row in effects}
        played = replace(case, events=tuple(told), seen=seen, execution=play.scene.execution_id)
        return played, await self._account(play, effects)

    async def _start(self, play: Play, began: datetime) -> WorkflowHandle[Any, Any]:
        case, (plan, plans) = play.case, plans_of(play.case)
        self.plans |= {digest: one.model_dump(mode="json", by_alias=True) for digest, one in plans.items()}
        run = RunInput(
            scene=play.scene,
            plan=Loaded(plan_digest(plan), None),
            plans=[Loaded(digest, None) for digest in plan.plans],
            limits=self.limits,
            started_at=began,
            trigger=case.trigger,
            contact=case.contact,
            variables=case.variables,
            owner="human" if case.owner == "human" else "bot",
        )
        id = play.scene.execution_id
        return await self.client.start_workflow(WORKFLOW, run, id=id, task_queue=self.queue)

    async def _tell(
        self, play: Play, handle: WorkflowHandle[Any, Any], began: datetime, spaced: tuple[float, Event]
    ) -> Event:
        """Accept the event and signal it, as the gateway does; twice where the case says so."""
        gap, event = spaced
        await asyncio.sleep(gap)
        inbound = _inbound(play, event)
        row = await accept(self.db, play.scene.workspace, str(play.scene.connection), inbound)
        input = Input(id=row.id, seq=row.seq, accepted_at=row.accepted_at, event=inbound)
        for _ in range(1 + event.again):
            with suppress(RPCError):  # the run is over: what comes now is no concern of it
                await handle.signal(DELIVER, [input])
        accepted = (row.accepted_at - began).total_seconds()
        id = inbound.message_id or 0
        return replace(event, seq=row.seq, accepted=accepted, delivered=accepted, message_id=id)

    async def _effects(self, play: Play) -> list[Any]:
        """The ledger's rows; a try that was cut off may leave one that it never began."""
        return await self.db.fetch(
            """SELECT node, visit, number, kind, state, outcome FROM effects
            WHERE workspace_id = $1 AND execution_id = $2 AND state NOT IN ('orphaned', 'attempting')
            ORDER BY id""",
            *(play.scene.workspace, play.scene.execution_id),
        )

    async def _account(self, play: Play, effects: list[Any]) -> Account:
        """What the record says."""
        ids = play.scene.workspace, play.scene.execution_id
        run = await self.db.fetchrow(
            """SELECT status, completion_reason, context, error FROM executions
            WHERE workspace_id = $1 AND id = $2""",
            *ids,
        )
        lines = await self.db.fetch(
            """SELECT node_id, phase, exit FROM execution_history
            WHERE workspace_id = $1 AND execution_id = $2 ORDER BY seq""",
            *ids,
        )
        inputs = await self.db.fetch(
            "SELECT seq, how FROM inbound_events WHERE workspace_id = $1 AND how IS NOT NULL ORDER BY seq",
            play.scene.workspace,
        )
        said = iter(play.chatwoot.said(CONVERSATION))
        return Account(
            status=run["status"],
            reason=run["completion_reason"],
            cause=cause_of(run["error"]),
            variables=run["context"]["variables"],
            results=run["context"]["results"],
            contact=known_of(run["context"]["contact"]),
            owner=await self.db.fetchval("SELECT owner FROM lanes WHERE workspace_id = $1", ids[0]),
            path=[Line(*row) for row in lines],
            effects=[_done(row, said) for row in effects],
            inputs=[tuple(row) for row in inputs],
        )


def _done(row: Any, said: Any) -> Done:
    """The effect with what was really read, in the order in which it was said."""
    spoke = row["kind"] == "send_message" and row["state"] == "done"
    key = row["node"], row["visit"], row["number"]
    return Done(*key, row["kind"], next(said, None) if spoke else None, row["state"])


def _seen(row: Any, began: datetime) -> Seen:
    outcome = row["outcome"] or {}
    at = datetime.fromisoformat(outcome["at"]) if outcome.get("at") else began
    value = outcome.get("value")
    return Seen((at - began).total_seconds(), value.get("id") if isinstance(value, dict) else None)


def _spaced(case: Case) -> list[tuple[float, Event]]:
    """Each event with the time since the one before it."""
    before = [0.0, *(event.accepted for event in case.events)]
    return [(event.accepted - last, event) for last, event in zip(before, case.events, strict=False)]


def _inbound(play: Play, event: Event) -> Inbound:
    id = play.chatwoot.hear(CONVERSATION, event.text) if event.kind == "message" else None
    return Inbound(
        key=f"{event.kind}:{event.seq}",
        address=CONVERSATION,
        event="any",
        kind="message" if event.kind == "unreadable" else event.kind,
        text=event.text,
        value=event.value,
        message_id=id,
        contact=event.contact,
    )


@asynccontextmanager
async def theatre(db: Database, address: str, keys: Keys, *, fast: bool) -> AsyncIterator[Theatre]:
    """A theatre with its worker: cache 2 on the fast path, no cache at all in inspect mode."""
    async with staged(db, address, keys) as stage:
        made = Theatre(db, stage.client, stage.queue, stage.plans, Limits(fast=fast))
        async with made.worker(2 if fast else 0):
            yield made
