"""What a played conversation comes to."""

from datetime import datetime
from typing import TypeVar

from pydantic import Field

from dsl.messages import ErrorInfo, Status
from dsl.model import Json, Message
from simulator.mocks import bare
from simulator.simulation import Simulation
from simulator.trace import Ended, Entry, Rested, Utterance

E = TypeVar("E", Ended, Rested)


class Failure(Message):
    """The first line that did not go as it says (`line`, from 0), and the difference."""

    line: int
    message: str
    expected: Json = None
    actual: Json = None


class Played(Message):
    """How far a conversation came, what was said in it, and all that happened.

    `exits`: by node that was come to, the exits by which it was left.
    """

    passed: bool
    failure: Failure | None = None
    status: Status
    reason: str | None = None
    error: ErrorInfo | None = None
    at: datetime
    variables: dict[str, Json] = Field(default_factory=dict)
    results: dict[str, Json] | None = None
    waiting: Rested | None = None
    """Why it stands where it stands; null where it has ended."""
    transcript: list[Utterance] = Field(default_factory=list)
    exits: dict[str, list[str]] = Field(default_factory=dict)
    trace: list[Entry] = Field(default_factory=list)


def played_of(simulation: Simulation, failure: Failure | None = None) -> Played:
    """What a simulation has come to by now."""
    ended, rested = _last(simulation, Ended), _last(simulation, Rested)
    status: Status = "starting"
    if ended is not None:
        status = ended.status
    elif rested is not None:
        status = _status(rested)
    return Played(
        passed=failure is None and simulation.halted is None,
        failure=failure,
        status=status,
        reason=ended.reason if ended else None,
        error=ended.error if ended else None,
        at=simulation.world.now,
        variables=simulation.variables,
        results=ended.results if ended else None,
        waiting=None if ended else rested,
        transcript=list(simulation.world.transcript),
        exits={node: list(dict.fromkeys(exits)) for node, exits in exits_of(simulation).items()},
        trace=list(simulation.trace),
    )


def _status(rested: Rested) -> Status:
    """People before time, as the record has it."""
    kinds = [one.kind for one in rested.waiting]
    return next((kind for kind in kinds if kind != "waiting_time"), kinds[0] if kinds else "running")


def _last(simulation: Simulation, kind: type[E]) -> E | None:
    return next((entry for entry in reversed(simulation.trace) if isinstance(entry, kind)), None)


def exits_of(simulation: Simulation) -> dict[str, list[str]]:
    """By node that was come to, the exits it was left by, one after another."""
    found: dict[str, list[str]] = {}
    for row in simulation.rows:
        taken = found.setdefault(bare(row.node), [])
        taken += [row.exit] if row.exit is not None else []
    return found


def reason_of(simulation: Simulation) -> str | None:
    """How the execution has ended; None while it has not."""
    ended = _last(simulation, Ended)
    return (ended.reason or ended.status) if ended else None


def standing(simulation: Simulation) -> str:
    """Where it stands, in words."""
    for entry in reversed(simulation.trace):
        if isinstance(entry, Ended):
            return f"the execution has ended: {entry.reason or entry.status}"
        if isinstance(entry, Rested) and entry.waiting:
            places = (f"{one.node} ({one.kind})" for one in entry.waiting)
            timer = f", {entry.timer.what} at {entry.timer.at.isoformat()}" if entry.timer else ""
            return f"it waits at {', '.join(places)}{timer}"
    return "it has not begun"
