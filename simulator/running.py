"""Runs of a flow in a simulation: how they begin, rest and end, and what is told of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Literal, Self

from activities.evaluation.sandbox import Sandbox
from dsl.inputs import Inbound, Input
from dsl.kind import Kind
from dsl.messages import Row
from dsl.model import Json
from dsl.moves import Plans
from dsl.plan import Plan
from dsl.state import Loaded, RunInput, State
from dsl.turns import Turned
from simulator.answers import Answers
from simulator.bounds import LIMITS, Bounds
from simulator.errors import Halted
from simulator.person import Person
from simulator.setting import Setting
from simulator.trace import Ended, Entry, Heard, Stopped, Utterance
from simulator.walking import Fates, Watched
from simulator.why import rested
from simulator.wording import Display, display
from simulator.world import World

SIMULATED = "simulated"
"""Digest of the plan that is simulated."""


class Running:
    """The runs of a flow with one person, one after another; all that happens by itself has happened."""

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
        self.person = Person(self.setting.channel, self.setting.service, self.setting.contact)
        self.world = World(self.setting.at, self.answers, self._sandbox, self._fates, self._turned)
        self._newest: list[Input] = []
        """What the person did last."""
        self._asked = 0
        """The input whose screen the person waits for."""
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

    async def _run(self, opening: list[Input]) -> None:
        """A run, from its beginning: the first of these has started it."""
        event = opening[0].event if opening else None
        said = event.shown() if event is not None else {}
        known = self.person.conversation()
        run = RunInput(
            scene=self.person.scene(self.plan.flow),
            plan=Loaded(SIMULATED, self.plan),
            plans=[Loaded(digest, plan) for digest, plan in self.plans.items() if digest != SIMULATED],
            limits=LIMITS,
            started_at=self.world.now,
            trigger={**self.person.starts(), **said, **(self.setting.trigger or {})},
            contact=self.person.contact,
            conversation=known,
            variables=self.setting.variables,
            opening_rows=opening,
        )
        last = max((one.seq for one in opening), default=0)
        self.world.inbox = self.world.inbox.but(unread=tuple(opening[1:]), last_seq=last)
        self._walk = Watched(self.plans, run, self.world, self._tell, self._bounds)
        self._walking = asyncio.create_task(self._walk.run())
        await self._until_quiet()

    async def _do(self, *events: Inbound) -> None:
        if self.over:
            for event in events:
                self._told(partial(self._unheard, event))
            return
        self._newest = [self._take(event) for event in events]
        await self._until_quiet()

    def _unheard(self, event: Inbound) -> Heard:
        return Heard(at=self.world.now, seq=0, text=event.text, value=event.value, how="after_end")

    def _take(self, event: Inbound) -> Input:
        input = self.world.take(event)
        self._fates.given(input)
        self._asked = input.seq if event.turn is not None else self._asked
        return input

    def _written(self, text: str) -> Inbound:
        spot = self._walk.state.spot if self._walk else None
        if spot is not None and self.person.session is None:
            self.person.goes_on(spot.channel)
        if self.person.chats:
            return self.person.writes(text, self.world.next_id())
        return self.person.types(text)

    def _turned(self, turned: Turned) -> None:
        """A turn is over: its screen is shown to who still waits for it."""
        line, screen = self.person.session, turned.screen
        if line is None or turned.seq != self._asked:
            return
        self._show(display(screen, line.surface), screen.choices)

    def _show(self, shown: Display, choices: Sequence[Json]) -> None:
        """What somebody on the line sees or hears; the session is over where it does not go on."""
        self.person.shown = shown
        if not shown.open:
            self.person.session = None
        if shown.text:
            said = {"text": shown.text, "choices": choices, "open": shown.open}
            self.world.transcript.append(
                Utterance.model_validate({"at": self.world.now, "who": "bot", **said})
            )

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
        await self._anew()

    async def _anew(self) -> None:
        """What ended a run without being consumed by it starts the next."""
        assert self._walk is not None
        ending = self._walk.state.ending if self.over and self.halted is None else None
        if ending is None or ending.before is None:
            return
        await self._run([one for one in self._newest if one.seq >= ending.before])

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
