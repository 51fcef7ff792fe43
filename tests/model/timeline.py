"""The reference's time: the clock, what has been delivered by then, and how far the walk has consumed."""

from math import inf

from tests.model.case import Case, Event


class Cancelled(Exception):
    """The execution was asked to stop, and rests."""


class Endless(Exception):
    """Nothing will ever happen again."""


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
        self._pass(until)
        self.consume(self.clock)

    def consume(self, moment: float) -> None:
        """Something that is true of a moment was consumed."""
        self.walked = max(self.walked, moment)

    def hear(self, deadline: float) -> Event | None:
        """The oldest unread event, where it was accepted by the deadline."""
        if not self.unread or self.unread[0].accepted > deadline:
            return None
        self.consume(self.unread[0].accepted)
        return self.unread.pop(0)

    def overhear(self, until: float) -> list[Event]:
        """Unread changes of status accepted until then, however many words came before them."""
        told = [event for event in self.unread if event.kind == "status" and event.accepted <= until]
        self.unread = [event for event in self.unread if event not in told]
        for event in told:
            self.consume(event.accepted)
        return told

    def rest(self, due: float) -> bool:
        """Until the next delivery (False), or until the time is due (True); raises Cancelled, Endless."""
        if self.stopped:
            raise Cancelled
        arrival = self.coming[0].delivered if self.coming else inf
        moment = min(arrival, due, self.stop_at)
        if moment == inf:
            raise Endless
        self._pass(moment)
        self.stopped = self.clock >= self.stop_at
        if self.stopped and arrival > moment:
            raise Cancelled
        return due < arrival

    def close_to(self, dues: list[float]) -> bool:
        """Whether an event still to come was accepted within a second of one of these times."""
        return any(abs(event.accepted - due) < 1 for event in self.coming for due in dues)

    def ask(self, deadline: float) -> bool:
        """The lane is asked for a page of what was accepted by the deadline; whether there was any."""
        page = [event for event in self.coming if event.accepted <= deadline][: self.page]
        self.coming = self.coming[len(page) :]
        self.unread += page
        return bool(page)

    def _pass(self, moment: float) -> None:
        self.clock = max(self.clock, moment)
        self._arrive()

    def _arrive(self) -> None:
        while self.coming and self.coming[0].delivered <= self.clock:
            self.unread.append(self.coming.pop(0))
