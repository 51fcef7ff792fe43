"""How long rows waited until they were heard: judged once nothing is broken any more, told before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypedDict

from torture.checker.facts import Facts
from torture.checker.tables import Inbound
from torture.checker.times import share

UNREAD = "unread_at_end"
"""Nobody waited for these."""
RECOVERY = timedelta(seconds=15)
"""How long after a fault things may take to go on as before."""


class Heard(TypedDict):
    """Seconds from acceptance until rows were heard; `calm`: the most of it in which nothing was broken."""

    p50: float
    p95: float
    longest: float
    calm: float


def late(facts: Facts, patience: timedelta) -> list[str]:
    """INV-6: rows that were heard at last, and too long after the last fault."""
    return [
        f"{row.dedupe_key} was accepted at {row.accepted_at.isoformat()} and heard at {until.isoformat()}"
        for row, until in _heard(facts)
        if until - max(row.accepted_at, facts.quiet_since) > patience
    ]


def waits(facts: Facts) -> Heard:
    """The same of all, faults included."""
    spans = sorted((until - row.accepted_at).total_seconds() for row, until in _heard(facts)) or [0.0]
    calm = max((_calm(facts, row.accepted_at, until) for row, until in _heard(facts)), default=timedelta(0))
    return Heard(
        p50=share(spans, 0.5),
        p95=share(spans, 0.95),
        longest=spans[-1],
        calm=calm.total_seconds(),
    )


def _heard(facts: Facts) -> Iterator[tuple[Inbound, datetime]]:
    for row in facts.tables.inbound_events:
        if row.consumed_at is not None and row.how != UNREAD:
            yield row, row.consumed_at


def _calm(facts: Facts, since: datetime, until: datetime) -> timedelta:
    """How much of a time nothing was broken, nor on its way back."""
    calm, at = timedelta(0), since
    for fault in sorted(facts.faults, key=lambda fault: fault.begun):
        calm += max(min(fault.begun, until) - at, timedelta(0))
        at = max(at, fault.ended + RECOVERY)
    return calm + max(until - at, timedelta(0))
