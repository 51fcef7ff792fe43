"""The figures of a run as one JSON: what must be 0, what is told, and whether the run counts at all."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, get_args

from torture.checker import (
    hearing,
    inbound,
    live,
    model,
    outbound,
    progress,
    replay,
    resources,
    rows,
    runs,
    validity,
    words,
)
from torture.checker.facts import Facts, Figure

MOST_SHOWN = 20
FIGURES: tuple[Figure, ...] = get_args(Figure)
COUNTED = ("unknown",)
"""Told, and no fault."""


def red(verdict: Mapping[str, Any]) -> list[str]:
    """The figures that are not 0 and should be."""
    figures = verdict["figures"]
    return [name for name in FIGURES if figures[name] and name not in COUNTED]


async def judged(
    facts: Facts,
    *,
    expectations: Mapping[str, model.Expect] | None = None,
    patience: timedelta = progress.PATIENCE,
    seeds: Sequence[int] = replay.SEEDS,
) -> dict[str, Any]:
    """`{seed, valid, invalid, figures, report, violations}`; an invalid run is neither good nor bad.

    Histories are replayed in a process for each of the hash `seeds`, or in this one without any.
    """
    found = await violated(facts, expectations=expectations, patience=patience, seeds=seeds)
    why = validity.invalid(facts)
    return {
        "seed": facts.seed,
        "valid": not why,
        "invalid": why,
        "figures": {name: len(found[name]) for name in FIGURES},
        "report": report(facts),
        "violations": {name: all_[:MOST_SHOWN] for name, all_ in found.items() if all_},
    }


async def violated(
    facts: Facts,
    *,
    expectations: Mapping[str, model.Expect] | None = None,
    patience: timedelta = progress.PATIENCE,
    seeds: Sequence[int] = (),
) -> dict[Figure, list[str]]:
    """By invariant, what was found."""
    return {
        "lost": inbound.lost(facts),
        "double_transitions": inbound.double_transitions(facts),
        "inversions": inbound.inversions(facts),
        "silent_duplicates": outbound.silent_duplicates(facts),
        "unknown": outbound.unknown(facts),
        "divergent": model.divergent(facts, expectations),
        "stuck": progress.stuck(facts, patience),
        "wft_failures": runs.wft_failures(facts),
        "nondeterminism": runs.nondeterminism(facts),
        "replay_failures": await replay.failures(facts, seeds),
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
        "acknowledged": sum(webhook.acknowledged for webhook in facts.persons())
        + sum(callback.acknowledged for callback in facts.callbacks),
        "answered_turns": sum(turn.answer is not None for turn in facts.turns),
        "starts": len({start.key for start in facts.starts if start.acknowledged}),
        "dead": sum(row.state == "dead" for row in facts.tables.inbound_events),
        "probes": len(facts.probes),
        "progress": validity.progress(facts),
        "faults": len(facts.faults),
        "heard": hearing.waits(facts),
        "timers": len(list(progress.timers(facts))),
        "max_timer_lateness": progress.max_timer_lateness(facts),
        "expected_task_failures": runs.expected_failures(facts),
        "sizes": runs.sizes(facts),
        "resources": resources.resources(facts),
    }
