"""Somebody on the line of a stage: each step is accepted and asked for by update, as the road does it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from dsl.digests import plan_digest
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import CONTROL, DELIVER, TURN, WORKFLOW, Control, Scene
from dsl.plan import Call, Plan, Step
from dsl.state import Loaded, RunInput
from dsl.turns import Screen, Shown, Turn
from store.inbox import accept
from tests.activities.rows import make_rows
from tests.workflows.stage import Handle, Stage
from tests.workflows.world import plan_of

NUMBER, SERVICE = "+254700000111", "*384*1#"
ADDRESS = f"{SERVICE}/hash"
Surface = Literal["ussd", "voice"]


@dataclass
class Phone:
    """One person's phone; `session` is that of their last dial."""

    stage: Stage
    surface: Surface = "ussd"
    session: str = "S1"
    steps: int = 0
    run: Handle | None = None
    """The first run, once it was dialled."""
    opening: Input | None = None
    """The row that began it."""

    async def accept(self, text: str | None = None) -> Input:
        """A step stored in its lane: the first of a session without a text."""
        self.steps += 1
        inbound = Inbound(
            key=f"ussd:{self.session}:{self.steps}",
            address=ADDRESS,
            event="ussd_session" if text is None else "ussd_input",
            channel=self.surface,
            turn=Turn(surface=self.surface, session=self.session),
            kind="opened" if text is None else "message",
            text=text,
            contact={"phone": NUMBER},
            conversation={"session": self.session, "service": SERVICE},
        )
        row = await accept(self.stage.db, self.stage.scene.workspace, "main", inbound)
        return Input(id=row.id, seq=row.seq, accepted_at=row.accepted_at, event=inbound)

    async def dial(self, document: dict[str, Any], limits: Limits | None = None) -> Shown:
        """The first step, which starts the flow."""
        plan, opening = on_one_queue(plan_of(document)), await self.accept()
        self.stage.plans[plan_digest(plan)] = plan.model_dump(mode="json", by_alias=True)
        self.stage.scene = await self._scene()
        run = RunInput(
            scene=self.stage.scene,
            plan=Loaded(plan_digest(plan), None),
            limits=limits or Limits(),
            started_at=datetime.now(UTC),
            opening_rows=[opening],
            contact={"phone": NUMBER},
        )
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW, run, id=self.stage.scene.execution_id, task_queue=self.stage.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )  # fmt: skip
        client = self.stage.client
        shown: Shown = await client.execute_update_with_start_workflow(
            TURN, [opening], start_workflow_operation=start, id=opening.id, result_type=Shown
        )
        self.opening, self.run = opening, await start.workflow_handle()
        return shown

    async def _scene(self) -> Scene:
        """On the lane that the first step has made."""
        await make_rows(self.stage.db, self.stage.scene)
        lane = await self.stage.db.fetchval("SELECT id FROM lanes WHERE address = $1", ADDRESS)
        place = {"channel": self.surface, "conversation": ADDRESS, "phone": NUMBER, "service": SERVICE}
        return self.stage.scene.but(lane=lane, **place)

    @property
    def handle(self) -> Handle:
        """The chain's newest run."""
        return self.stage.client.get_workflow_handle(self.stage.scene.execution_id)

    async def redial(self) -> Shown:
        """A new session."""
        self.session += "'"
        return await self.ask([await self.accept()])

    async def type(self, text: str) -> Shown:
        """A further step."""
        return await self.ask([await self.accept(text)])

    async def ask(self, inputs: list[Input]) -> Shown:
        """The update, as the road sends it."""
        shown: Shown = await self.handle.execute_update(TURN, inputs, id=inputs[-1].id, result_type=Shown)
        return shown

    async def continued(self) -> None:
        """Once a run has continued as new by command: a server allows it once a second."""
        before = (await self.handle.describe()).run_id
        await self.handle.execute_update(CONTROL, Control(command="checkpoint"))
        for _ in range(1000):
            if (await self.handle.describe()).run_id != before:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the run did not continue as new")

    async def report(self, node: str, status: str) -> None:
        """What became of the effect of a node's first visit, delivered."""
        value = {"node": node, "visit": 1, "number": 1, "status": status}
        inbound = Inbound(
            key=f"report:{node}:{status}", address=ADDRESS, event="effect_report", channel="ussd",
            kind="report", value=value,
        )  # fmt: skip
        row = await accept(self.stage.db, self.stage.scene.workspace, "main", inbound)
        input = Input(id=row.id, seq=row.seq, accepted_at=row.accepted_at, event=inbound)
        await self.handle.signal(DELIVER, [input])

    async def stored(self, seq: int) -> Screen | None:
        """The screen of a row."""
        found = await self.stage.db.fetchval("SELECT screen FROM inbound_events WHERE seq = $1", seq)
        return Screen.model_validate(found) if found else None


def on_one_queue(plan: Plan) -> Plan:
    """All of it performed by the stage's own worker."""

    def moved(step: Step) -> Step:
        return step.but(options=step.options.but(queue=None)) if isinstance(step, Call) else step

    return plan.but(steps={id: moved(step) for id, step in plan.steps.items()})


def texts(shown: Shown) -> list[str]:
    """What is on a screen."""
    assert shown.screen is not None
    return [one.text for one in shown.screen.said]
