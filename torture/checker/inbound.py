"""INV-1 to INV-3: what was acknowledged is heard, once, in the order in which it was accepted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from torture.checker import callers, starts
from torture.checker.facts import Facts
from torture.checker.tables import Execution, Inbound, Line
from torture.checker.told import Webhook

SETTLED = ("consumed", "ignored", "dead")
SAME_FLUSH = timedelta(milliseconds=20)
"""One statement settles all rows of a flush: which of them has the earlier clock means nothing."""
SAID = ("message", "submitted", "opened")
ASIDE = ("busy", "unread_at_end")
UNANSWERED = ("timeout", "expired")
ONCE = ("msg:", "upd:", "sms:", "ussd:")
"""How keys begin of what people said."""


def lost(facts: Facts) -> list[str]:
    """INV-1: acknowledged, but in no row that came to its end; and places of a lane that nobody has."""
    rows: defaultdict[str, list[Inbound]] = defaultdict(list)
    for row in facts.tables.inbound_events:
        rows[":".join(row.dedupe_key.split(":")[:2])].append(row)
    acknowledged = {_key(webhook) for webhook in facts.persons() if webhook.acknowledged}
    absent = [f"{key} was acknowledged and has no row" for key in sorted(acknowledged) if key not in rows]
    elsewhere = [*callers.lost(facts), *starts.never_started(facts)]
    return absent + elsewhere + _unsettled(facts) + _gaps(facts)


def _key(webhook: Webhook) -> str:
    """How the dedupe key of its row begins."""
    return f"{'msg' if webhook.event == 'message_created' else 'upd'}:{webhook.message}"


def _unsettled(facts: Facts) -> list[str]:
    """A row that a waiting run is to hear is at its end too only once it was heard."""
    rows = facts.tables.inbound_events
    return [f"{row.dedupe_key} is still {row.state}" for row in rows if row.state not in SETTLED]


def _gaps(facts: Facts) -> list[str]:
    gaps = []
    for lane, rows in facts.lanes.items():
        expected = set(range(1, len(rows) + 1))
        gaps += [f"lane {lane} has no row {seq}" for seq in sorted(expected - {row.seq for row in rows})]
    return gaps


def double_transitions(facts: Facts) -> list[str]:
    """INV-2: a message consumed twice, answers that ended more waits than there were, a start made twice."""
    return [*_consumed_twice(facts), *_moved_twice(facts), *starts.started_twice(facts)]


def _consumed_twice(facts: Facts) -> Iterator[str]:
    messages = Counter(
        (row.lane_id, row.dedupe_key)
        for row in facts.tables.inbound_events
        if row.state == "consumed" and row.dedupe_key.startswith(ONCE)
    )
    for (lane, key), count in messages.items():
        if count > 1:
            yield f"{key} was consumed {count} times on lane {lane}"


def _moved_twice(facts: Facts) -> Iterator[str]:
    for execution in facts.tables.executions:
        lines = [line for line in facts.lines.get(execution.id, []) if line.node_type == "question"]
        ended = _waits_ended(execution, lines)
        answers = sum(row.how == "answer" for row in facts.heard_by(execution))
        if ended > answers:
            yield f"execution {execution.id}: {answers} answers ended {ended} waits"


def _waits_ended(execution: Execution, lines: list[Line]) -> int:
    """How many waits an answer must have ended."""
    waits = sum(line.phase == "waiting" for line in lines)
    otherwise = sum(line.phase == "done" and line.exit in UNANSWERED for line in lines)
    resting = execution.status in ("waiting_input", "cancelled") and bool(lines)
    return waits - otherwise - (resting and lines[-1].phase == "waiting")


def _moved(row: Inbound) -> bool:
    """Whether its turn had to come: some are turned away at once, heard out of turn, or left to the end."""
    return row.event.get("kind") in SAID and row.how not in ASIDE


def inversions(facts: Facts) -> list[str]:
    """INV-3: consumed before a row that was accepted earlier; accepted before the row ahead of it."""
    found = []
    for rows in facts.lanes.values():
        accepted = [
            f"{b.dedupe_key} has an earlier clock" for a, b in pairwise(rows) if b.accepted_at < a.accepted_at
        ]
        heard = [row for row in rows if row.state == "consumed" and row.consumed_at and _moved(row)]
        found += accepted + [
            f"{later.dedupe_key} was consumed before {sooner.dedupe_key}"
            for sooner, later in pairwise(heard)
            if sooner.consumed_at
            and later.consumed_at
            and later.consumed_at < sooner.consumed_at - SAME_FLUSH
        ]
    return found
