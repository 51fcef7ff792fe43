"""The reference's time: the clock, what has been delivered by then, and how far the walk has consumed."""

from math import inf
from typing import Literal

from torture.reference.case import Case, Event


class Cancelled(Exception):
    """The execution was asked to stop, and rests."""


class Endless(Exception):
    """Nothing will ever happen again."""


def later(moment: float, seconds: float) -> float:
    """A time after another; as clocks tell it, to the microsecond."""
    return round(moment + seconds, 6)


class Timeline:
    """`clock` is when things happen; `walked`, never decreasing, is the time of what was consumed last."""

    def __init__(self, case: Case) -> None:
        self.clock, self.walked, self.stop_at = 0.0, 0.0, case.stop_at
        self.coming, self.page = list(case.ahead), case.page
        self.stopped = False
        """Asked to stop, and noticed: that is at a rest."""
        self.unread: list[Event] = []
        self._arrive()

    def spend(self, until: float) -> None:
        """Something was done, and its end is known at `until`."""
        self.pass_to(until)
        self.consume(self.clock)

    def consume(self, moment: float) -> None:
        """Something that is true of a moment was consumed."""
        self.walked = max(self.walked, moment)

    def first(self, deadline: float) -> Event | None:
        """The oldest unread event, where it was accepted by the deadline."""
        return self.unread[0] if self.unread and self.unread[0].accepted <= deadline else None

    def take(self) -> Event:
        """The oldest unread event, consumed."""
        self.consume(self.unread[0].accepted)
        return self.unread.pop(0)

    def overhear(self, until: float) -> list[Event]:
        """Unread changes of status accepted until then, however many words came before them."""
        told = [event for event in self.unread if event.kind == "status" and event.accepted <= until]
        self.unread = [event for event in self.unread if event not in told]
        for event in told:
            self.consume(event.accepted)
        return told

    def rest(self, due: float, landing: float = inf) -> Literal["delivery", "due", "landing"]:
        """Until what comes first: a delivery, the time that is due, the end of an effect under way.

        Raises Cancelled, Endless.
        """
        if self.stopped:
            raise Cancelled
        arrival = self.coming[0].delivered if self.coming else inf
        moment = min(arrival, due, self.stop_at)
        if landing <= moment and landing < inf:
            self.pass_to(landing)
            return "landing"
        if moment == inf:
            raise Endless
        self.pass_to(moment)
        self.stopped = self.clock >= self.stop_at
        if self.stopped and arrival > moment:
            raise Cancelled
        return "due" if due < arrival else "delivery"

    def close_to(self, dues: list[float]) -> bool:
        """Whether an event still to come was accepted within a second of one of these times."""
        return any(abs(event.accepted - due) < 1 for event in self.coming for due in dues)

    def ask(self, deadline: float) -> bool:
        """The lane is asked for a page of what was accepted by the deadline; whether there is more."""
        there = [event for event in self.coming if event.accepted <= deadline]
        self.coming = self.coming[len(there[: self.page]) :]
        self.unread += there[: self.page]
        return len(there) > self.page

    def pass_to(self, moment: float) -> None:
        """The clock moves on, and what is delivered by then is there."""
        self.clock = max(self.clock, moment)
        self._arrive()

    def _arrive(self) -> None:
        while self.coming and self.coming[0].delivered <= self.clock:
            self.unread.append(self.coming.pop(0))
