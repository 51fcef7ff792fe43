"""INV-1 to INV-3: what was acknowledged is heard, once, in the order in which it was accepted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from tests.faults.checker.facts import Execution, Facts, Inbound, Line, Webhook

SETTLED = ("consumed", "ignored", "dead")
SAME_FLUSH = timedelta(milliseconds=20)
"""One statement settles all rows of a flush: which of them has the earlier clock means nothing."""
UNANSWERED = ("timeout", "expired")


def lost(facts: Facts) -> list[str]:
    """INV-1: acknowledged, but in no row that came to its end; and places of a lane that nobody has."""
    rows: defaultdict[str, list[Inbound]] = defaultdict(list)
    for row in facts.tables.inbound_events:
        rows[":".join(row.dedupe_key.split(":")[:2])].append(row)
    acknowledged = {_key(webhook) for webhook in facts.persons() if webhook.acknowledged}
    absent = [f"{key} was acknowledged and has no row" for key in sorted(acknowledged) if key not in rows]
    return absent + _unsettled(facts) + _gaps(facts)


def _key(webhook: Webhook) -> str:
    """How the dedupe key of its row begins."""
    return f"{'msg' if webhook.event == 'message_created' else 'upd'}:{webhook.message}"


def _unsettled(facts: Facts) -> list[str]:
    """A row that a waiting run is to hear is at its end too only once it was heard."""
    rows = facts.tables.inbound_events
    return [f"{row.dedupe_key} is still {row.state}" for row in rows if row.state not in SETTLED]


def _gaps(facts: Facts) -> list[str]:
    gaps = []
    for lane, rows in by_lane(facts).items():
        expected = set(range(1, len(rows) + 1))
        gaps += [f"lane {lane} has no row {seq}" for seq in sorted(expected - {row.seq for row in rows})]
    return gaps


def by_lane(facts: Facts) -> dict[str, list[Inbound]]:
    """The rows of each lane, in the order of their acceptance."""
    lanes: defaultdict[str, list[Inbound]] = defaultdict(list)
    for row in sorted(facts.tables.inbound_events, key=lambda row: row.seq):
        lanes[row.lane_id].append(row)
    return dict(lanes)


def double_transitions(facts: Facts) -> list[str]:
    """INV-2: a message that was consumed twice, or answers that ended more waits than there were answers."""
    return [*_consumed_twice(facts), *_moved_twice(facts)]


def _consumed_twice(facts: Facts) -> Iterator[str]:
    messages = Counter(
        (row.lane_id, row.dedupe_key)
        for row in facts.tables.inbound_events
        if row.state == "consumed" and row.dedupe_key.startswith(("msg:", "upd:"))
    )
    for (lane, key), count in messages.items():
        if count > 1:
            yield f"{key} was consumed {count} times on lane {lane}"


def _moved_twice(facts: Facts) -> Iterator[str]:
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for line in facts.tables.execution_history:
        if line.node_type == "question":
            lines[line.execution_id].append(line)
    for execution in facts.tables.executions:
        ended = _waits_ended(execution, lines[execution.id])
        answers = sum(row.how == "answer" for row in heard_by(facts, execution))
        if ended > answers:
            yield f"execution {execution.id}: {answers} answers ended {ended} waits"


def _waits_ended(execution: Execution, lines: list[Line]) -> int:
    """How many waits an answer must have ended."""
    waits = sum(line.phase == "waiting" for line in lines)
    otherwise = sum(line.phase == "done" and line.exit in UNANSWERED for line in lines)
    resting = execution.status in ("waiting_input", "cancelled") and bool(lines)
    return waits - otherwise - (resting and lines[-1].phase == "waiting")


def heard_by(facts: Facts, execution: Execution) -> list[Inbound]:
    """The rows of its lane that an execution saw: those since the one before it."""
    before = [
        other.last_seq
        for other in facts.tables.executions
        if other.lane_id == execution.lane_id and other.created_at < execution.created_at
    ]
    rows = by_lane(facts).get(execution.lane_id or "", [])
    return [row for row in rows if max(before, default=0) < row.seq <= execution.last_seq]


def inversions(facts: Facts) -> list[str]:
    """INV-3: consumed before a row that was accepted earlier; accepted before the row ahead of it."""
    found = []
    for rows in by_lane(facts).values():
        accepted = [
            f"{b.dedupe_key} has an earlier clock" for a, b in pairwise(rows) if b.accepted_at < a.accepted_at
        ]
        heard = [row for row in rows if row.state == "consumed" and row.consumed_at]
        found += accepted + [
            f"{later.dedupe_key} was consumed before {sooner.dedupe_key}"
            for sooner, later in pairwise(heard)
            if sooner.consumed_at
            and later.consumed_at
            and later.consumed_at < sooner.consumed_at - SAME_FLUSH
        ]
    return found
