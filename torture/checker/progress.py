"""INV-6 and INV-10: nothing rests that should move, and timers fire neither early nor late."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from torture.checker import hearing
from torture.checker.facts import Facts
from torture.checker.outbound import claimed
from torture.checker.times import moment, seconds
from torture.checker.told import Run

PATIENCE = timedelta(seconds=60)
LATEST = 10.0
EARLIEST = -0.05
"""Seconds; the server's clock and its timers may differ a little."""
MOVING = ("starting", "running")


def stuck(facts: Facts, patience: timedelta = PATIENCE) -> list[str]:
    """INV-6: executions in motion that do not move, and rows that wait for an execution to hear them."""

    def long_ago(moment: datetime) -> bool:
        """While faults last nothing has to move."""
        return max(moment, facts.quiet_since) < facts.at - patience

    still = [
        f"execution {one.id} is {one.status} since {one.updated_at.isoformat()}"
        for one in facts.tables.executions
        if one.status in MOVING and long_ago(one.updated_at)
    ]
    unheard = [
        f"{row.dedupe_key} is {row.state} since {row.accepted_at.isoformat()}"
        for row in facts.tables.inbound_events
        if row.state in ("received", "handed") and long_ago(row.accepted_at)
    ]
    known = claimed(facts)
    untold = [  # what is of no effect that we know of may wait for one
        f"the report {row.dedupe_key} is {row.state} since {row.accepted_at.isoformat()}"
        for row in facts.tables.reports
        if row.state == "received" and row.ref in known and long_ago(row.accepted_at)
    ]
    return still + unheard + untold + hearing.late(facts, patience)


class Fired(NamedTuple):
    """A timer: by how many seconds it was late, of those in which nothing kept it."""

    run: str
    late: float


def timers(facts: Facts) -> Iterator[Fired]:
    """Every timer that fired."""
    for run in facts.runs:
        started = {event["eventId"]: event for event in run.of("TIMER_STARTED")}
        for event in run.of("TIMER_FIRED"):
            at = event["timerFiredEventAttributes"]["startedEventId"]
            yield Fired(run.execution, _late(facts, run, started.get(at), event))


def _late(facts: Facts, run: Run, started: dict[str, object] | None, fired: dict[str, object]) -> float:
    assert started is not None, f"a timer of {run.execution} fired without a start"
    told = started["timerStartedEventAttributes"]
    assert isinstance(told, dict)
    due = moment(started["eventTime"]) + timedelta(seconds=seconds(told["startToFireTimeout"]))
    at = moment(fired["eventTime"])
    if at < due:
        return (at - due).total_seconds()
    return _unhindered(facts, due, at).total_seconds()


def _unhindered(facts: Facts, due: datetime, fired: datetime) -> timedelta:
    """The longest time between due and fired in which there was no fault."""
    free, longest = due, timedelta(0)
    for fault in sorted(facts.faults, key=lambda fault: fault.begun):
        longest = max(longest, min(fault.begun, fired) - free)
        free = max(free, fault.ended)
    return max(longest, fired - free)


def late_timers(facts: Facts) -> list[str]:
    """INV-10: fired before they were due, or not though nothing kept them for more than 10 s."""
    return [
        f"a timer of {fired.run} fired {fired.late:+.2f} s from when it was due"
        for fired in timers(facts)
        if not EARLIEST <= fired.late <= LATEST
    ]


def max_timer_lateness(facts: Facts) -> float:
    """Seconds; 0 where no timer fired."""
    return max((round(fired.late, 3) for fired in timers(facts)), default=0.0)
