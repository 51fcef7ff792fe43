"""Turns of people on the line: their rows become an update of the run, whose answer is a screen, in time."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from dsl.limits import Limits
from dsl.turns import Said, Screen, Shown, Turn
from intake.confirming import Confirming
from intake.metrics import TURNS
from intake.opening import opened
from intake.reception import NotYet, handing, receive
from intake.runs import Runs, Start, Unreachable
from providers.africastalking.rendering import SORRY
from store import delivery, lanes, turns
from store.batches import Batch
from store.database import Database
from store.delivery import Mark
from store.turns import Row

CAP = 4.0
"""Seconds in which somebody on the line is answered, whatever happens."""
SAFE_SECONDS = 0.4
"""Of these, kept for storing the safe text, and some for the way."""
WAY_SECONDS = 0.1
HOLD_SECONDS = CAP + 2
"""For how long the relay leaves a turn's row to whoever took it in."""
PAUSE = 0.05
NOBODY = "This service is not available."
"""Where no published flow answers."""

Beside = Callable[[Coroutine[Any, Any, object]], object]
"""Runs what need not be waited for."""

_LOG = structlog.get_logger(__name__)


@dataclass
class Asked:
    """A turn that somebody waits for; `batch`: what its lane has to deliver, if that is known already."""

    row: Row
    turn: Turn
    beside: Beside
    batch: Batch | None = None
    ended: int = 0
    """Runs that ended over it without a screen."""
    plan: str | None = None
    """The digest of the flow that it starts."""
    otherwise: str = SORRY
    """What is said where there is no screen, unless the flow has a word for it."""

    @property
    def update(self) -> str:
        """The update's id: a run that ended over one answers it for ever, even where another would start."""
        return f"{self.row.id}/{self.ended}" if self.ended else self.row.id


class Came(NamedTuple):
    """What a turn's rows came to: what the run says of it, None where they start none, and their marks.

    Without a screen where nobody was there after all.
    """

    shown: Shown | None
    marks: Sequence[Mark] = ()


class Turns:
    """Answers turns: what the run says, or a safe text where it does not come to it in time."""

    def __init__(self, db: Database, runs: Runs, limits: Limits) -> None:
        self._db = db
        self._runs = runs
        self._limits = limits
        self._confirming = Confirming(db)

    async def answer(self, asked: Asked, until: float) -> Screen:
        """The turn's screen by `until` (the loop's clock); whoever wrote it, it is the same ever after."""
        shown = asked.row.screen or await self._in_time(asked, until - SAFE_SECONDS - WAY_SECONDS)
        TURNS.labels(asked.turn.surface, "shown" if shown else "safe").inc()
        return shown or await self._safe(asked)

    async def _in_time(self, asked: Asked, until: float) -> Screen | None:
        try:
            async with asyncio.timeout_at(until):
                return await self._shown(asked)
        except Exception as error:
            # What it says may quote a message; what it is may not.
            _LOG.warning("turn_not_answered", seq=asked.row.seq, error=type(error).__name__)
            return None

    async def _safe(self, asked: Asked) -> Screen:
        """The safe text, unless the screen came after all; unwritten where the database is away."""
        screen = Screen(said=(Said(text=asked.otherwise),))
        try:
            async with asyncio.timeout(SAFE_SECONDS):
                if text := await turns.safe_text(self._db, asked.row, asked.plan):
                    screen = Screen(said=(Said(text=text),))
                return await turns.put_screen(self._db, asked.row, screen)
        except Exception as error:
            _LOG.error("screen_not_stored", seq=asked.row.seq, error=type(error).__name__)
            return screen

    async def _shown(self, asked: Asked) -> Screen | None:
        """Ask the run, or the one that takes its place, until there is a screen; None where none will be."""
        while (batch := await self._next(asked)) is not None:
            try:
                came = await self._offered(batch, asked)
            except (NotYet, Unreachable):
                came = Came(Shown())  # there is time left: it is asked again
            self._settle(batch, came, asked)
            screen = await turns.screen_of(self._db, asked.row)
            if screen or came.shown is None:
                return screen
            if came.shown.screen is not None:
                return await turns.put_screen(self._db, asked.row, came.shown.screen)
            await asyncio.sleep(PAUSE)
        return None

    async def _next(self, asked: Asked) -> Batch | None:
        known, asked.batch = asked.batch, None
        return known or await turns.undelivered(self._db, asked.row)

    async def _offered(self, batch: Batch, asked: Asked) -> Came:
        """What the rows come to with whom they belong to."""
        lane, newest = batch.lane, batch.newest
        if lane.execution_id is not None:
            return await self._by_run(batch, asked, lane.execution_id)
        if newest is not None and newest.active:
            return await self._by_run(batch, asked, newest.id, starting=newest.starting)
        return await self._by_new_run(batch, asked)

    async def _by_run(self, batch: Batch, asked: Asked, execution: str, *, starting: bool = False) -> Came:
        marks, wanted = await handing(self._db, batch)
        shown = await self._runs.turn(batch.lane.workflow_id, wanted, asked.update)
        if shown is None and not starting:
            await lanes.vacate(self._db, batch.lane.workspace, batch.lane.id, execution)
        return Came(shown or Shown(), marks)

    async def _by_new_run(self, batch: Batch, asked: Asked) -> Came:
        """Start the flow that the rows call for; where a run is there already, they are its."""
        reception = await receive(self._db, batch)
        if reception.chosen is None:
            await delivery.conclude(self._db, batch, reception.marks, owner=reception.owner, release=False)
            return Came(await self._unheard(batch, asked, reception.marks[-1].how))
        asked.plan = reception.chosen.plan
        run = opened(batch.lane, reception.chosen, reception.opening, self._limits)
        start = Start(run, batch.lane.workflow_id, reception.chosen.name)
        shown = await self._runs.turn_with_start(start, reception.opening, asked.update)
        return Came(shown, [*reception.marks, *(Mark(row.seq, "handed") for row in reception.opening)])

    async def _unheard(self, batch: Batch, asked: Asked, how: str | None) -> Shown | None:
        """Nothing to hope for, unless the row was sent to its own address's lane: then it waits there."""
        if how == "sent_home":
            key = f"home:{asked.row.id}"
            home = await turns.find(self._db, asked.row.workspace, batch.lane.connection, key)
            assert home is not None, "it was sent"
            asked.row = home
            return Shown()
        if how != "unread_at_end":
            asked.otherwise = NOBODY
        return None

    def _settle(self, batch: Batch, came: Came, asked: Asked) -> None:
        """Write beside the answer what became of the rows; a run that ended over a turn took none of it."""
        if came.shown is None or came.shown.screen is None:
            asked.ended += bool(came.marks)
            return
        others = [mark for mark in came.marks if mark.state != "handed"]
        if others:
            asked.beside(delivery.conclude(self._db, batch, others, release=False))
        kept = {mark.seq for mark in came.marks} - {mark.seq for mark in others}
        handed = [row.id for row in batch.inputs if row.seq in kept]
        asked.beside(self._confirming.add(asked.row.workspace, handed))
