"""Who is walked when: branches as processes in virtual time.

What the specification says of order: branches begin in the order of their exits; things that happen are taken
one at a time, in the order of their times. What is done first at one moment it leaves open. Here, as in the
walk, a branch goes on as far as it can before the next one does, and the end of an effect goes before a
delivery, that before what is due. The model seldom draws two things for one moment: effects beside one
another never end together (`Case.seconds`), and delays inside of branches are of different lengths.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator
from math import inf

from torture.reference.case import Done, Json
from torture.reference.processes import FAILED, JOINED, Flight, Fork, Over, Process, Rest, Way
from torture.reference.timeline import Timeline


class _Pause:
    """Until the schedule goes on with the process."""

    def __await__(self) -> Generator[None, Json, Json]:
        return (yield)


class Schedule(ABC):
    """Processes that are ready, at rest, or wait for an effect; those that wait for branches are in none."""

    def __init__(self, time: Timeline) -> None:
        self.time, self.over = time, False
        self.live: list[Process] = []
        """All but those that wait for their branches: in the order of exits, a branch whose own branches
        have met behind the others.
        """
        self.ready: dict[Process, Json] = {}
        self.turn: Process | None = None
        """Whose turn it is, while it can go on."""
        self.resting: dict[Process, Rest] = {}
        self.flights: list[Flight] = []

    # What processes ask for

    def check(self) -> None:
        """Nothing begins any more when the walk is over."""
        if self.over:
            raise Over

    async def rest(self, process: Process, rest: Rest) -> str:
        """At rest; how it ended."""
        self.resting[process] = rest
        return str(await _Pause())

    async def fly(self, flight: Flight) -> None:
        """An effect beside others; back when it has landed."""
        self.flights = sorted([*self.flights, flight], key=lambda one: one.at)
        await _Pause()

    async def fork(self, owner: Process, branches: list[Process]) -> Way:
        """Branches at once, until they have met."""
        at = self.live.index(owner)
        self.live[at : at + 1] = branches
        self.ready |= dict.fromkeys(branches)
        self.turn = branches[0]
        way: Way = await _Pause()
        return way

    # The course of things

    def run(self, first: Process) -> None:
        """Until the walk is over; raises Cancelled, Endless."""
        self.live, self.ready = [first], {first: None}
        while not self.over:
            if self.ready:
                able = [one for one in self.live if one in self.ready]
                process = self.turn if self.turn in self.ready else able[0]
                assert process is not None
                self._go_on(process, self.ready.pop(process))
            elif not self._heard():
                self._pass()

    def land(self) -> None:
        """The effect that ends first."""
        flight = self.flights.pop(0)
        self.time.pass_to(flight.at)
        self.landed(flight.done)
        if not flight.process.given_up:
            self.time.consume(flight.at)
            self._go_on(flight.process, None)

    @abstractmethod
    def landed(self, done: Done) -> None:
        """An effect has ended."""

    @abstractmethod
    def abandoned(self, process: Process) -> None:
        """A branch is given up."""

    @abstractmethod
    def overheard(self) -> None:
        """Nobody rests, and something may have come."""

    def _give_up(self, fork: Fork) -> None:
        """The branches of a fork that have not ended; what they did last may end when it will."""
        for process in [one for one in self.live if one.within(fork)]:
            self.live.remove(process)
            self.abandoned(process)
            process.given_up = True
            self.resting.pop(process, None)
            self.ready.pop(process, None)
            process.close()

    def _heard(self) -> bool:
        """Whether the branch that waits for people, or the first at rest, took in what ended its rest."""
        asked = [one for one in self.live if one in self.resting and self.resting[one].persons]
        others = [one for one in self.live if one in self.resting]
        if not others:
            self.overheard()
            return False
        process = (asked + others)[0]
        return self._rested(process, self.resting[process].hear())

    def _pass(self) -> None:
        dues = [(self.resting[one].due(), one) for one in self.live if one in self.resting]
        due, process = min(dues, key=lambda one: one[0], default=(inf, None))
        what = self.time.rest(due, self.flights[0].at if self.flights else inf)
        if what == "landing":
            self.land()
        elif what == "due" and process is not None:
            self._rested(process, self.resting[process].wake(due))

    def _rested(self, process: Process, how: str | None) -> bool:
        if how is not None:
            del self.resting[process]
            self.ready[process], self.turn = how, process
        return how is not None

    def _go_on(self, process: Process, value: Json) -> None:
        assert process.walk is not None
        try:
            process.walk.send(value)
        except Over:
            return
        except StopIteration as stop:
            self._ended(process, stop.value)

    def _ended(self, process: Process, way: Way) -> None:
        fork = process.fork
        self.over = self.over or fork is None
        if fork is None or self.over:
            return
        if process in self.live:
            self.live.remove(process)
        out = fork.met(process.exit, way) if way.how in (JOINED, FAILED) else None
        if out is not None:
            way = Way(out, cause=fork.cause if out == "error" else None)
        elif way.how in (JOINED, FAILED):
            return
        self._give_up(fork)
        self.live.append(fork.owner)
        self.ready[fork.owner], self.turn = way, fork.owner
