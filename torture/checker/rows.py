"""INV-11: ledger, record, inbox and sink speak of the same things."""

from collections.abc import Iterator

from torture.checker.facts import Facts
from torture.checker.outbound import ref_of

ENDED = ("completed", "failed", "cancelled", "expired", "terminated")
CERTAIN = ("done",)
SPOKEN = ("send_message", "send_sms", "request_payment")
"""Kinds of which each is a call that a sink notes."""


def orphans(facts: Facts) -> list[str]:
    """Rows that speak of something that is not there, or that nobody will look at again."""
    return [*_strangers(facts), *_left_open(facts), *_lanes(facts), *_calls(facts)]


def _strangers(facts: Facts) -> Iterator[str]:
    known = {one.id for one in facts.tables.executions}
    lanes = {lane.id for lane in facts.tables.lanes}
    recorded = {line.execution_id for line in facts.tables.execution_history}
    yield from (
        f"effect {row.key} is of no execution"
        for row in facts.tables.effects
        if row.execution_id not in known
    )
    yield from (f"the record of {id} is of no execution" for id in sorted(recorded - known))
    yield from (
        f"{row.dedupe_key} is on no lane" for row in facts.tables.inbound_events if row.lane_id not in lanes
    )
    yield from (
        f"execution {one.id} is on no lane"
        for one in facts.tables.executions
        if one.lane_id is not None and one.lane_id not in lanes
    )


def _left_open(facts: Facts) -> Iterator[str]:
    """Effects of an execution that has ended are at their end too."""
    ended = {one.id for one in facts.tables.executions if one.status in ENDED}
    for row in facts.tables.effects:
        if row.execution_id in ended and row.state in ("attempting", "open"):
            yield f"effect {row.key} is {row.state} though its execution has ended"


def _lanes(facts: Facts) -> Iterator[str]:
    active = {one.id for one in facts.tables.executions if one.status not in ENDED}
    for lane in facts.tables.lanes:
        if lane.execution_id is not None and lane.execution_id not in active:
            yield f"lane {lane.id} belongs to {lane.execution_id}, which is not active"
    started = {one.lane_id for one in facts.tables.executions}
    for lane_id, rows in facts.lanes.items():
        if lane_id not in started and any(row.how == "start" for row in rows):
            yield f"lane {lane_id} was to start an execution and has none"


def _calls(facts: Facts) -> Iterator[str]:
    """What the sink did is in the ledger, and what the ledger calls sent is at the sink."""
    ledger = {row.key for row in facts.tables.effects}
    done = {call.key for call in facts.calls if call.done}
    yield from (f"{key} was performed and is in no ledger" for key in sorted(done - ledger))
    texted = {one.ref for one in facts.taken}
    for row in facts.tables.effects:
        sent = row.key in done or ref_of(row) in texted
        if row.kind in SPOKEN and row.state in CERTAIN and not sent:
            yield f"{row.key} is {row.state} and nobody performed it"
