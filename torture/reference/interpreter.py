"""The reference interpreter: walks a flow as it was drawn, by the letter of the specification.

It shares nothing with the walker: no plan, no steps, no templates or conditions of the house.
"""

from torture.reference.branch import Branch
from torture.reference.case import Account, Case
from torture.reference.frames import Frame
from torture.reference.processes import Process
from torture.reference.shared import World
from torture.reference.timeline import Cancelled


def told(case: Case) -> Account:
    """What the specification says comes of a case."""
    return Reference(case).tell()


class Reference:
    """One walk over the drawing."""

    def __init__(self, case: Case) -> None:
        self.world = World(case)
        self.frame = Frame(case.flow, "", case.variables)
        self.told = self.world.told
        self.told.variables, self.told.contact = self.frame.variables, dict(case.contact)
        self.told.owner = case.owner
        if case.triggered:
            self.told.inputs.append((case.events[0].seq, "start"))

    @property
    def close(self) -> bool:
        """Whether an event was accepted about when a reminder was due: who knows which came first?"""
        return self.world.close

    def tell(self) -> Account:
        """Walk to the end; the account. Raises Endless."""
        process = Process(self.frame.start)
        process.walk = Branch(self.world, process, self.frame).walk(self.frame.start)
        try:
            self.world.run(process)
        except Cancelled:
            self.world.over = True
            self.told.status = self.told.reason = "cancelled"
        self._finish()
        return self.told

    def _finish(self) -> None:
        """What is under way ends first; then what nobody read."""
        while self.world.flights:
            self.world.land()
        if self.world.time.stopped and self.told.status != "cancelled":
            self.told.reason = "cancelled_too_late"
        for process in self.world.ready:
            process.close()
        for event in self.world.time.unread:
            self.world.consumed(event, "unread_at_end")
