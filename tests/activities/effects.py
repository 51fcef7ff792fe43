"""Effects to perform, executors that do as they are told, and looks at what became of them."""

import asyncio
from typing import Any, ClassVar, Literal

from temporalio.exceptions import ApplicationError

from activities.attempts import Attempts, entry_of
from activities.base import Action, Tools
from dsl.inputs import Inbound
from dsl.messages import Effect, Flush, Outcome, Report, Row, Scene, Standing
from dsl.plan import Options
from store import ledger
from store.database import Database
from store.inbox import accept
from tests.workflows.world import START

CONNECTION = "main"


class Slow(Action):
    """Does something when it is let go."""

    gates: ClassVar[dict[str, asyncio.Event]] = {}
    done: ClassVar[list[str]] = []

    name: str

    @classmethod
    def kind(cls) -> str:
        return "slow"

    async def execute(self, tools: Tools) -> Outcome:
        await self.gates[self.name].wait()
        self.done.append(tools.key)
        return Outcome(value={"name": self.name})


class Settable(Action):
    """Sets something: harmless twice."""

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    name: str

    @classmethod
    def kind(cls) -> str:
        return "settable"

    async def execute(self, tools: Tools) -> Outcome:
        Slow.done.append(tools.key)
        return Outcome(value={"name": self.name})


class Broken(Action):
    """Has a bug."""

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    @classmethod
    def kind(cls) -> str:
        return "broken"

    async def execute(self, tools: Tools) -> Outcome:
        raise ZeroDivisionError


def say(text: str, node: str = "hello", **more: Any) -> Effect:
    return Effect(node=node, visit=1, number=1, activity="send_message", args={"text": text}, **more)


def flush(scene: Scene, **standing: Any) -> Flush:
    kept: dict[str, Any] = {"status": "running", "node": "hello"} | standing
    return Flush(scene=scene, run="run-1", at=START, number=1, standing=Standing(**kept))


async def begun(db: Database, scene: Scene, effect: Effect, lease: float) -> None:
    """The effect as a process that died left it, `lease` seconds before its time is over."""
    await ledger.begin(db, scene.workspace, scene.execution_id, [entry_of(effect)], lease)


async def state_of(db: Database, scene: Scene, effect: Effect) -> str:
    key = (effect.node, effect.visit, effect.number)
    row = await ledger.get(db, scene.workspace, scene.execution_id, key)
    return row.state if row else "absent"


async def inbound(db: Database, scene: Scene, seq: int) -> None:
    """A message in the scene's lane."""
    event = Inbound(
        key=f"msg:{seq}", address="77", event="message_created", kind="message", text="hi", message_id=seq
    )
    await accept(db, scene.workspace, CONNECTION, event)


def slow(name: str, **options: Any) -> Effect:
    Slow.gates[name] = asyncio.Event()
    Slow.done.clear()
    args = {"name": name}
    return Effect(node="s", visit=1, number=1, activity="slow", args=args, options=Options(**options))


def row(seq: int, node: str, after: int) -> Row:
    return Row(
        seq=seq, node=node, kind="message", label=node, visit=1, phase="done", started_at=START, after=after
    )


async def insisted(attempts: Attempts, scene: Scene, effect: Effect) -> Report:
    """As Temporal does: again when it is asked for, within bounds."""
    for attempt in range(1, 60):
        try:
            return await attempts.ordinary(scene, effect, attempt)
        except ApplicationError as later:
            delay = later.next_retry_delay
            await asyncio.sleep(min(delay.total_seconds() if delay else 0.1, 0.2))
    raise AssertionError("the effect never came to an end")
