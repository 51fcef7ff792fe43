"""INV-4: an effect is performed once, or the ledger says that nobody knows."""

from collections import Counter

from tests.faults.checker.facts import Facts


def silent_duplicates(facts: Facts) -> list[str]:
    """Performed more than once under one key while the ledger calls it certain."""
    states = {row.key: row.state for row in facts.tables.effects if row.state != "orphaned"}
    performed = Counter(call.key for call in facts.calls if call.done)
    return [
        f"{key} was performed {times} times and is {states.get(key, 'in no row')}"
        for key, times in performed.items()
        if times > 1 and states.get(key) != "unknown"
    ]


def unknown(facts: Facts) -> list[str]:
    """Effects of which nobody knows: not wrong, but counted."""
    return [row.key for row in facts.tables.effects if row.state == "unknown"]


def effects_report(facts: Facts) -> dict[str, float]:
    """How many effects there were, what calls they took, how many are unknown or ghosts of lost tasks."""
    rows = facts.tables.effects
    total = len(rows) or 1
    return {
        "effects": len(rows),
        "calls": len(facts.calls),
        "unknown": len(unknown(facts)),
        "unknown_rate": round(len(unknown(facts)) / total, 4),
        "ghosts": sum(row.state == "orphaned" for row in rows),
        "tried_again": sum(row.n > 1 for row in rows),
    }
