"""One walk under a virtual clock, driven from outside: by what people do, and by time that passes."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import Field

from activities.evaluation.sandbox import Sandbox
from dsl.durations import after
from dsl.filters import text_of
from dsl.kind import Kind
from dsl.messages import Inbound, Input, Row, Scene
from dsl.model import Json, Message
from dsl.moves import Plans
from dsl.plan import Plan
from dsl.state import Loaded, RunInput, State
from simulator.answers import Answers
from simulator.bounds import LIMITS, Bounds
from simulator.errors import Halted
from simulator.mocks import Mocks, strangers
from simulator.trace import Ended, Entry, Heard, Stopped, Utterance
from simulator.walking import Fates, Watched
from simulator.why import rested
from simulator.world import World

CHANNEL = "chatwoot"
MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When simulations begin, unless they are told otherwise: the same one is the same to the byte."""
NIL = "00000000-0000-7000-8000-000000000000"
SIMULATED = "simulated"
"""Digest of the plan that is simulated."""


class Setting(Message):
    """What a simulation begins with. `trigger`: what started it; without it, the person's first words do."""

    at: datetime = MONDAY
    variables: dict[str, Json] = Field(default_factory=dict)
    trigger: dict[str, Json] | None = None
    contact: dict[str, Json] = Field(default_factory=lambda: {"id": 1, "name": "John"})
    mocks: Mocks = Field(default_factory=dict)


class Simulation:
    """Use it as a context, or close it. After each call everything has happened that happens by itself."""

    def __init__(
        self,
        plan: Plan,
        catalogue: Mapping[str, type[Kind]],
        setting: Setting | None = None,
        *,
        plans: Plans | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.plan, self.setting = plan, setting or Setting()
        self.plans: Plans = {**(plans or {}), SIMULATED: plan}
        self.trace: list[Entry] = []
        self.halted: Halted | None = None
        self._bounds = bounds or Bounds()
        self._fates = Fates(self._tell)
        self._sandbox = Sandbox()
        self.answers = Answers(catalogue, self.setting.mocks)
        self.world = World(self.setting.at, self.answers, self._sandbox, self._fates)
        self._walk: Watched | None = None
        self._walking: asyncio.Task[State] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the walk, wherever it is, and the process that runs its code."""
        if self._walking is not None:
            self._walking.cancel()
            with suppress(asyncio.CancelledError, Halted):
                await self._walking
        await self._sandbox.aclose()

    @property
    def begun(self) -> bool:
        """Whether the walk has begun."""
        return self._walk is not None

    @property
    def over(self) -> bool:
        """Whether it has ended, or goes no further."""
        return self.halted is not None or (self._walking is not None and self._walking.done())

    @property
    def said(self) -> list[Utterance]:
        """What the bot has said to the person."""
        return [one for one in self.world.transcript if one.who == "bot"]

    @property
    def rows(self) -> list[Row]:
        """The record: every node that was left, and every wait."""
        return [*self.world.rows, *(self._walk.state.pending if self._walk else ())]

    @property
    def variables(self) -> dict[str, Json]:
        """The flow's variables now."""
        return self._walk.state.frames[0].vars if self._walk else self.setting.variables

    # What may be done to it

    async def begin(self, text: str | None = None) -> None:
        """The walk begins; with words, these have opened the conversation."""
        opening = [] if text is None else [self._spoken(text)]
        said = opening[0].shown() if opening else {}
        trigger = {"channel": CHANNEL, **said, **(self.setting.trigger or {})}
        run = RunInput(
            scene=_scene(self.plan),
            plan=Loaded(SIMULATED, self.plan),
            plans=[Loaded(digest, plan) for digest, plan in self.plans.items() if digest != SIMULATED],
            limits=LIMITS,
            started_at=self.setting.at,
            trigger=trigger,
            contact=self.setting.contact,
            conversation={"id": 1},
            variables=self.setting.variables,
            opening_rows=[self._taken(event) for event in opening],
        )
        self.world.inbox = self.world.inbox.but(unread=())
        self._walk = Watched(self.plans, run, self.world, self._tell, self._bounds)
        self._walking = asyncio.create_task(self._walk.run())
        await self._until_quiet()

    async def say(self, text: str) -> None:
        """The person writes; the first words open the conversation, unless a trigger has."""
        if not self.begun and self.setting.trigger is not None:
            await self.begin()
        self._note(text)
        if self.begun:
            await self._do(self._spoken(text))
        else:
            await self.begin(text)

    async def click(self, choice: str) -> None:
        """The person picks a choice of the newest message that offers it; LookupError where none does."""
        offered = [one for said in reversed(self.said) for one in said.choices]
        picked = next((one for one in offered if choice in (one["title"], text_of(one["value"]))), None)
        if picked is None:
            raise LookupError(choice)
        self._note(f"[{picked['title']}]")
        await self._do(_event("submitted", str(picked["title"]), value=picked["value"]))

    async def back_from_desk(self, how: Literal["resolved", "returned"]) -> None:
        """People at the desk are done with the conversation, or give it back."""
        self._note(f"({how} by the desk)", "note")
        status = {"resolved": "resolved", "returned": "pending"}[how]
        await self._do(_event("status", None, value={"status": status, "owner": "bot"}))

    async def advance(self, seconds: float) -> None:
        """Time passes, and with it all that is due."""
        if not self.begun:
            await self.begin()
        await self._pass_to(after(self.world.now, seconds))

    async def until_said(self, count: int, seconds: float) -> bool:
        """Whether the bot has said so much, or does within so many seconds; time passes as far as needed."""
        until = after(self.world.now, seconds)
        while len(self.said) < count and not self.over:
            due = self.world.due
            if due is None or due > until:
                break
            await self._pass_to(due)
        return len(self.said) >= count

    def order(self, mocks: Mapping[str, Any]) -> None:
        """What nodes come to from now on; LookupError where there is no such node."""
        if unknown := strangers(mocks, self.plans.values()):
            raise LookupError(unknown[0])
        self.answers.mocks.update(mocks)

    # How it is done

    async def _do(self, event: Inbound) -> None:
        if self.over:
            heard = {"text": event.text, "value": event.value, "how": "after_end"}
            self._told(lambda: Heard(at=self.world.now, seq=0, **heard))
            return
        self._fates.given(self.world.take(event))
        await self._until_quiet()

    async def _pass_to(self, moment: datetime) -> None:
        self.world.horizon = max(self.world.horizon, moment)
        if not self.over:
            await self._until_quiet()

    async def _until_quiet(self) -> None:
        """Everything happens that happens by itself."""
        assert self._walking is not None
        self.world.stir()
        resting = asyncio.create_task(self.world.quiet.wait())
        await asyncio.wait([resting, self._walking], return_when=asyncio.FIRST_COMPLETED)
        resting.cancel()
        self._told(self._standing)

    def _told(self, entry: Callable[[], Entry]) -> None:
        """One entry more in the trace, unless it goes no further."""
        if self.halted is not None:
            return
        try:
            self._tell(entry())
        except Halted as halted:
            self.halted = halted
            self.trace.append(Stopped(at=self.world.now, code=halted.code, message=halted.message))

    def _standing(self) -> Entry:
        """How it has ended, or why it rests; raises what ended it otherwise."""
        assert self._walk is not None
        assert self._walking is not None
        if self._walking.done():
            return self._ended(self._walking.result())
        return rested(self.plans, self._walk.state, self.world.now, self.world.due)

    def _ended(self, state: State) -> Ended:
        ending = state.ending
        assert ending is not None, "the walk returns when it has ended"
        return Ended(
            at=self.world.now,
            status=ending.status,
            reason=ending.reason,
            error=ending.error,
            results=ending.results,
            variables=self.variables,
        )

    def _tell(self, entry: Entry) -> None:
        self._bounds.told(entry)
        self.trace.append(entry)

    def _note(self, text: str, who: Literal["contact", "note"] = "contact") -> None:
        self.world.transcript.append(Utterance(at=self.world.now, who=who, text=text))

    def _spoken(self, text: str) -> Inbound:
        return _event("message", text, message_id=self.world.next_id())

    def _taken(self, event: Inbound) -> Input:
        input = self.world.take(event)
        self._fates.given(input)
        return input


def _event(kind: Literal["message", "submitted", "status"], text: str | None, **more: Any) -> Inbound:
    return Inbound(key="simulated", address="1", event=f"simulated_{kind}", kind=kind, text=text, **more)


def _scene(plan: Plan) -> Scene:
    return Scene(
        workspace="simulation",
        execution_id=NIL,
        flow_id=plan.flow,
        flow_version=0,
        lane=NIL,
        connection="main",
        conversation="1",
        contact_id=1,
        channel=CHANNEL,
        mode="test",
    )
