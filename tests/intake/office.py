"""A workspace of its own on shared servers: accept, publish, deliver, look."""

from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WorkflowHandle

from dsl.inputs import Inbound
from dsl.messages import Status
from dsl.state import RunInput
from intake.gateway import Gateway
from store.database import Database
from store.ids import new_id
from store.inbox import Accepted, accept
from store.lanes import Lane, lane_of
from store.record import apply
from store.tables import flow_versions, flows, triggers
from store.workspaces import add
from tests.intake.probe import Probe
from tests.store.made import CONNECTION, flush, line, scene


@dataclass(frozen=True)
class Office:
    """What a test of the intake has at hand."""

    db: Database
    client: Client
    gateway: Gateway
    workspace: str

    async def accept(self, inbound: Inbound, **options: Any) -> Accepted:
        """The event, in the inbox of this workspace."""
        return await accept(self.db, self.workspace, CONNECTION, inbound, **options)

    async def arrive(self, *events: Inbound) -> Accepted:
        """Events that are accepted and delivered one after the other; the last."""
        last = None
        for event in events:
            last = await self.accept(event)
            batch = last.batch if last.claimed else None
            assert await self.gateway.deliver(self.workspace, last.lane, claimed=last.claimed, batch=batch)
        assert last
        return last

    async def publish(self, key: str = "flow", *, event: str = "conversation_created", **trigger: Any) -> str:
        """A published flow with a trigger; its id."""
        flow = new_id()
        async with self.db.begin() as connection:
            await connection.execute(
                add(
                    flows,
                    self.workspace,
                    id=flow,
                    key=key,
                    name=f"Flow {key}",
                    status="published",
                    published_version=3,
                )
            )
            version = {"dialect": "tembea/1", "document": {}, "plan_digest": f"plan-{key}"}
            await connection.execute(add(flow_versions, self.workspace, flow_id=flow, version=3, **version))
            starts = {"channel": "chatwoot", "event": event, **trigger}
            await connection.execute(add(triggers, self.workspace, id=new_id(), flow_id=flow, **starts))
        return flow

    async def recorded(
        self, lane: str, execution_id: str, last_seq: int, status: Status = "completed"
    ) -> None:
        """What the walk of a run would have flushed."""
        where = scene(lane, execution_id).model_copy(update={"workspace": self.workspace})
        await apply(self.db, flush(where, line(1), status=status, last_seq=last_seq))

    async def fates(self) -> list[tuple[int, str, str | None]]:
        """(seq, state, how) of every row of the workspace."""
        rows = await self.db.fetch(
            "SELECT seq, state, how FROM inbound_events WHERE workspace_id = $1 ORDER BY seq", self.workspace
        )
        return [tuple(row) for row in rows]

    async def lane(self, id: str) -> Lane:
        """The lane as it is now."""
        lane = await lane_of(self.db, self.workspace, id)
        assert lane
        return lane

    def run(self, address: str = "7") -> WorkflowHandle[Any, Any]:
        """The run of a conversation."""
        return self.client.get_workflow_handle(f"{self.workspace}/{CONNECTION}/{address}")

    async def told(self, address: str = "7") -> list[int]:
        """The seqs that the conversation's run has seen."""
        return await self.run(address).query(Probe.told)

    async def argument(self, address: str = "7") -> RunInput:
        """What the conversation's run was started with."""
        return await self.run(address).query(Probe.argument)
