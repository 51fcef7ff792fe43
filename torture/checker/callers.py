"""G7: a caller is answered, a repeated step with the same screen; what a network told is kept."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from providers.africastalking.rendering import SORRY
from torture.checker.facts import Facts
from torture.checker.told import Turn

KEPT = {"delivery": "delivery", "payment": "payment", "airtime": "airtime"}
"""Channels of callbacks that are kept as reports, and their kinds."""
ASKED = "CON "
SAFE = f"END {SORRY}"


def lost(facts: Facts) -> Iterator[str]:
    """Texts, reports and steps that were taken, and are in no row."""
    rows = {_parts(row.dedupe_key, 3) for row in facts.tables.inbound_events}
    texts = {_parts(key, 2) for key in rows}
    kept = {(row.kind, row.ref) for row in facts.tables.reports}
    for callback in facts.callbacks:
        if not callback.acknowledged:
            continue
        if callback.channel == "sms" and f"sms:{callback.id}" not in texts:
            yield f"the text {callback.id} was acknowledged and has no row"
        if callback.channel in KEPT and (KEPT[callback.channel], callback.id) not in kept:
            yield f"a report of {callback.id} ({callback.channel}) was acknowledged and is not kept"
    for turn in facts.turns:
        asked = turn.answer is not None and turn.answer.startswith(ASKED)
        if asked and _step(turn) not in rows:
            yield f"step {_segments(turn)} of session {turn.session} was answered and has no row"


def _parts(key: str, number: int) -> str:
    """The first parts of a key by which repeated rows are known."""
    return ":".join(key.split(":")[:number])


def _step(turn: Turn) -> str:
    """The first three parts of the key of a step's row; a hash of its text follows them there."""
    return f"ussd:{turn.session}:{_segments(turn)}"


def _segments(turn: Turn) -> int:
    return len(turn.text.split("*")) if turn.text else 0


def payments(facts: Facts) -> dict[str, str]:
    """By id, how each payment ended; what the network tells nobody it knows all the same."""
    ends = (one for one in facts.callbacks if one.channel == "payment")
    return {one.id: str(one.fields.get("status")) for one in ends}


def otherwise(facts: Facts) -> Iterator[str]:
    """Steps that were answered in two ways, or not at all although nothing was broken."""
    shown = {_parts(row.dedupe_key, 3): row.screen for row in facts.tables.inbound_events}
    seen = defaultdict[tuple[str, str], set[str]](set)
    for turn in facts.turns:
        if turn.answer is None:
            if not turn.faulty and not facts.shadowed(turn.at):
                yield f"step {_segments(turn)} of session {turn.session} got no answer"
        elif not _unwritten(facts, turn, shown.get(_step(turn))):
            seen[turn.session, turn.text].add(turn.answer)
    for (session, text), answers in seen.items():
        if len(answers) > 1:
            yield f"a step of session {session} ({len(text)} typed) was answered in {len(answers)} ways"


def _unwritten(facts: Facts, turn: Turn, kept: dict[str, Any] | None) -> bool:
    """The safe text while the database was away: what was shown before could not be read, nor this kept."""
    safe = turn.answer == SAFE and facts.shadowed(turn.at)
    return safe and (kept is None or kept["said"][0]["text"] != SORRY)
