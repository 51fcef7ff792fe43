"""G7: a caller is answered, a repeated step with the same screen; what a network told is kept."""

from collections import defaultdict
from collections.abc import Iterator

from torture.checker.facts import Facts
from torture.checker.told import Turn

KEPT = {"delivery": "delivery", "payment": "payment", "airtime": "airtime"}
"""Channels of callbacks that are kept as reports, and their kinds."""
ASKED = "CON "


def lost(facts: Facts) -> Iterator[str]:
    """Texts, reports and steps that were taken, and are in no row."""
    rows = {":".join(row.dedupe_key.split(":")[:3]) for row in facts.tables.inbound_events}
    texts = {":".join(key.split(":")[:2]) for key in rows}
    kept = {(row.kind, row.ref) for row in facts.tables.reports}
    for callback in facts.callbacks:
        if not callback.acknowledged:
            continue
        if callback.channel == "sms" and f"sms:{callback.id}" not in texts:
            yield f"the text {callback.id} was acknowledged and has no row"
        if callback.channel in KEPT and (KEPT[callback.channel], callback.id) not in kept:
            yield f"a report of {callback.id} ({callback.channel}) was acknowledged and is not kept"
    for turn in facts.turns:
        key = f"ussd:{turn.session}:{_segments(turn)}"
        if turn.answer is not None and turn.answer.startswith(ASKED) and key not in rows:
            yield f"step {_segments(turn)} of session {turn.session} was answered and has no row"


def _segments(turn: Turn) -> int:
    return len(turn.text.split("*")) if turn.text else 0


def payments(facts: Facts) -> dict[str, str]:
    """By id, how each payment ended; what the network tells nobody it knows all the same."""
    ends = (one for one in facts.callbacks if one.channel == "payment")
    return {one.id: str(one.fields.get("status")) for one in ends}


def otherwise(facts: Facts) -> Iterator[str]:
    """Steps that were answered in two ways, or not at all although nothing was broken."""
    seen = defaultdict[tuple[str, str], set[str]](set)
    for turn in facts.turns:
        if turn.answer is not None:
            seen[turn.session, turn.text].add(turn.answer)
        elif not turn.faulty and not facts.shadowed(turn.at):
            yield f"step {_segments(turn)} of session {turn.session} got no answer"
    for (session, text), answers in seen.items():
        if len(answers) > 1:
            yield f"a step of session {session} ({len(text)} typed) was answered in {len(answers)} ways"
