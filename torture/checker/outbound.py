"""INV-4: an effect is performed once, or the ledger says that nobody knows."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from torture.checker.facts import Facts
from torture.checker.tables import Effect
from torture.checker.told import Taken

DOUBTFUL = ("unknown", "orphaned")
"""Of these nobody says that they were not performed."""


def silent_duplicates(facts: Facts) -> list[str]:
    """Performed more than once while the ledger calls it certain."""
    return [*_by_key(facts), *_by_phone(facts)]


def _by_key(facts: Facts) -> Iterator[str]:
    states = {row.key: row.state for row in facts.tables.effects if row.state != "orphaned"}
    performed = Counter(call.key for call in facts.calls if call.done)
    for key, times in performed.items():
        if times > 1 and states.get(key) != "unknown":
            yield f"{key} was performed {times} times and is {states.get(key, 'in no row')}"


def _by_phone(facts: Facts) -> Iterator[str]:
    """A phone network knows no keys: what it did and no row claims is one of those that nobody knows of."""
    doubts = doubtful(facts)
    for phone, taken in unclaimed(facts).items():
        if len(taken) > doubts[phone]:
            refs = ", ".join(one.ref for one in taken)
            yield f"{phone} got {refs}, of which the ledger knows nothing; {doubts[phone]} are in doubt"


def claimed(facts: Facts) -> set[str]:
    """The ids of what the ledger knows to be done."""
    return {ref_of(row) for row in facts.tables.effects if row.provider_ref}


def ref_of(row: Effect) -> str:
    """The provider's id of an effect, without the connection's name."""
    return (row.provider_ref or "").rpartition(":")[2]


def unclaimed(facts: Facts) -> dict[str, list[Taken]]:
    """By phone number, what a network did and no row of the ledger names."""
    known, found = claimed(facts), defaultdict[str, list[Taken]](list)
    for one in facts.taken:
        if one.ref not in known:
            found[one.phone].append(one)
    return found


def doubtful(facts: Facts) -> Counter[str]:
    """By phone number, how many effects may have been performed without anybody knowing."""
    phones = {one.id: str((one.context.get("contact") or {}).get("phone")) for one in facts.tables.executions}
    rows = (row for row in facts.tables.effects if row.state in DOUBTFUL)
    return Counter(phones.get(row.execution_id, "") for row in rows)


def unknown(facts: Facts) -> list[str]:
    """Effects of which nobody knows: not wrong, but counted."""
    return [row.key for row in facts.tables.effects if row.state == "unknown"]


def effects_report(facts: Facts) -> dict[str, float]:
    """How many effects there were, what calls they took, how many are unknown or ghosts of lost tasks."""
    rows = facts.tables.effects
    total = len(rows) or 1
    return {
        "effects": len(rows),
        "calls": len(facts.calls) + len(facts.taken),
        "unknown": len(unknown(facts)),
        "unknown_rate": round(len(unknown(facts)) / total, 4),
        "ghosts": sum(row.state == "orphaned" for row in rows),
        "tried_again": sum(row.n > 1 for row in rows),
    }
