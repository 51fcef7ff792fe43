"""What answers people on the line: the desk of a connection, where turns are taken in and seen through."""

from collections.abc import Sequence
from typing import NamedTuple

from dsl.addresses import Hashed
from dsl.inputs import Inbound
from dsl.turns import Said, Screen, Surface
from intake.turns import HOLD_SECONDS, Asked, Beside, Turns
from store import inbox, line_sessions, turns
from store.batches import Batch
from store.database import Database
from store.inbox import Accepted
from store.line_sessions import Session, Step, Who
from store.turns import Row

LOST = Screen(said=(Said(text="Please start again."),))
"""To what fits no step of the session, or one of a session that is not the person's newest."""


class Mismatch(Exception):
    """A session is another phone's, or with another service: a mistake, or somebody else's making."""


class Desk(NamedTuple):
    """A connection's own; `beside` runs what no caller waits for."""

    db: Database
    turns: Turns
    workspace: str
    connection: str
    hashed: Hashed
    beside: Beside

    def who(
        self, surface: Surface, session: str, person: str, service: str, network: str | None = None
    ) -> Who:
        """A session by what its callback tells; `person` is a phone number."""
        return Who(self.workspace, self.connection, session, surface, self.hashed(person), service, network)

    async def session(self, who: Who) -> Session:
        """Where the session stands; `Mismatch` where it is not theirs."""
        found = await line_sessions.seen(self.db, who)
        if found is None:
            raise Mismatch
        return found

    async def known(self, key: str) -> Row | None:
        """The turn of a step that was taken in before."""
        return await turns.find(self.db, self.workspace, self.connection, key)

    async def again(self, row: Row, event: Inbound, until: float) -> Screen:
        """The screen of a turn that was taken in before."""
        return await self.turns.answer(self._asked(row, event), until)

    async def take(
        self, who: Who, before: Session, events: Sequence[Inbound], until: float, *, typed: str | None = None
    ) -> tuple[str, Screen]:
        """Store a step's events, of which the last is answered: (its row's id, its screen).

        The session is a step further before anybody hears of it.
        """
        *ahead, last = events
        for event in ahead:
            await self._accepted(event)
        accepted = await self._accepted(last, Step(who, before, typed))
        row = Row(self.workspace, accepted.id, accepted.seq, accepted.lane)
        if accepted.duplicate:
            row = row._replace(screen=await turns.screen_of(self.db, row))
        return row.id, await self.turns.answer(self._asked(row, last, accepted.batch), until)

    async def _accepted(self, event: Inbound, step: Step | None = None) -> Accepted:
        """Nobody claims the lane: for as long as the row is held it is ours to deliver."""
        return await inbox.accept(
            self.db, self.workspace, self.connection, event,
            claim_seconds=0, hold_seconds=HOLD_SECONDS, step=step,
        )  # fmt: skip

    def _asked(self, row: Row, event: Inbound, batch: Batch | None = None) -> Asked:
        assert event.turn is not None, "only who waits for a screen is answered"
        return Asked(row, event.turn, self.beside, batch)
