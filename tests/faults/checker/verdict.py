"""The figures of a run as one JSON: what must be 0, what is told, and whether the run counts at all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.faults.checker import (
    inbound,
    live,
    model,
    outbound,
    progress,
    resources,
    rows,
    runs,
    validity,
    words,
)
from tests.faults.checker.facts import Facts, Figure

MOST_SHOWN = 20


async def judged(
    facts: Facts,
    *,
    expectations: Mapping[str, model.Expect] | None = None,
    patience: timedelta = progress.PATIENCE,
) -> dict[str, Any]:
    """`{seed, valid, invalid, figures, report, violations}`; an invalid run is neither good nor bad."""
    violations = await violated(facts, expectations=expectations, patience=patience)
    why = validity.invalid(facts)
    return {
        "seed": facts.seed,
        "valid": not why,
        "invalid": why,
        "figures": {name: len(found) for name, found in violations.items()},
        "report": report(facts),
        "violations": {name: found[:MOST_SHOWN] for name, found in violations.items() if found},
    }


async def violated(
    facts: Facts,
    *,
    expectations: Mapping[str, model.Expect] | None = None,
    patience: timedelta = progress.PATIENCE,
) -> dict[Figure, list[str]]:
    """By invariant, what was found."""
    return {
        "lost": inbound.lost(facts),
        "double_transitions": inbound.double_transitions(facts),
        "inversions": inbound.inversions(facts),
        "silent_duplicates": outbound.silent_duplicates(facts),
        "divergent": model.divergent(facts, expectations),
        "stuck": progress.stuck(facts, patience),
        "wft_failures": runs.wft_failures(facts),
        "nondeterminism": runs.nondeterminism(facts),
        "replay_failures": await runs.replay_failures(facts),
        "late_timers": progress.late_timers(facts),
        "gaps": live.recorded_gaps(facts),
        "orphans": rows.orphans(facts),
        "leaks": words.leaks(facts),
        "log_problems": words.log_problems(facts),
    }


def report(facts: Facts) -> dict[str, Any]:
    """Figures that are told and not judged."""
    return {
        **outbound.effects_report(facts),
        "executions": len(facts.tables.executions),
        "inbound": len(facts.tables.inbound_events),
        "acknowledged": sum(webhook.acknowledged for webhook in facts.persons()),
        "dead": sum(row.state == "dead" for row in facts.tables.inbound_events),
        "progress": validity.progress(facts),
        "faults": len(facts.faults),
        "timers": len(list(progress.timers(facts))),
        "max_timer_lateness": progress.max_timer_lateness(facts),
        "expected_task_failures": runs.expected_failures(facts),
        "sizes": runs.sizes(facts),
        "resources": resources.resources(facts),
    }
