"""What a run came to: one JSON for machines, tables for people."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from rich.table import Table

from torture.checker.facts import Facts, Figure
from torture.checker.times import share
from torture.checker.told import Callback, Webhook
from torture.checker.verdict import red
from torture.nemesis.nemesis import Suffered
from torture.run import Lived

GOAL = 15.0
"""Seconds after a kill."""
SLOWEST = 40.0
"""Seconds after a fault that lasts: the longest time-out of a lost answer, and ten."""
MOVES = ("start", "answer", "interrupt")
"""How an input was heard that moved a conversation."""
Json = dict[str, Any]


def outcome(verdict: Json, facts: Facts, lived: Lived, minutes: float) -> Json:
    """The verdict with what the harness saw itself; the figures of the invariants are on top."""
    figures: Json = verdict["figures"]
    report: Json = verdict["report"]
    return {
        "seed": verdict["seed"],
        "minutes": minutes,
        "valid": verdict["valid"],
        "good": bool(verdict["valid"]) and not red(verdict),
        **figures,
        "max_timer_lateness": report.get("max_timer_lateness"),
        "invalid": verdict["invalid"],
        "violations": verdict["violations"],
        "faults": landed(lived.suffered),
        "provider_faults": dict(lived.moods),
        "left_out": list(lived.left_out),
        "recovery": recovery(lived.suffered),
        "totals": totals(facts, lived, report),
        "webhooks": webhooks(facts),
        "answers": spread(lived.waits),
        "report": report,
    }


def landed(suffered: Sequence[Suffered]) -> Json:
    """By kind, how many faults left their proof, and how many did not."""
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in suffered:
        kinds[one.kind]["landed" if one.landed else "without_proof"] += 1
    return {kind: dict(counts) for kind, counts in sorted(kinds.items())}


def recovery(suffered: Sequence[Suffered]) -> Json:
    """Seconds by kind, of all kills, and how many took longer than they may."""
    kinds: defaultdict[str, list[Suffered]] = defaultdict(list)
    for one in suffered:
        kinds[one.kind].append(one)
        if one.kind.startswith("kill"):
            kinds["all kills"].append(one)
    return {
        "goal_after_a_kill": GOAL,
        "goal_after_others": SLOWEST,
        "over_goal": [one.kind for one in suffered if late(one)],
        "kinds": {
            kind: spread([s.recovered for s in of if s.recovered]) for kind, of in sorted(kinds.items())
        },
    }


def late(one: Suffered) -> bool:
    """Whether it took longer than it may."""
    limit = GOAL if one.kind.startswith("kill") else SLOWEST
    return one.recovered is None or one.recovered > limit


def spread(seconds: Sequence[float]) -> Json:
    """How many there are, and how long they took."""
    if not seconds:
        return {"count": 0}
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "p50": round(statistics.median(ordered), 2),
        "p95": round(share(ordered, 0.95), 2),
        "p99": round(share(ordered, 0.99), 2),
        "max": round(ordered[-1], 2),
    }


def totals(facts: Facts, lived: Lived, report: Json) -> Json:
    """How much there was of everything."""
    told = ("executions", "inbound", "acknowledged", "starts", "effects", "calls", "timers", "dead")
    return {
        "people": lived.came.total(),
        "by_kind": dict(lived.came),
        "stayed_to_the_end": dict(lived.stayed),
        "conversations": len(facts.tables.lanes),
        "webhooks": len(facts.webhooks) + len(facts.callbacks) + len(facts.turns),
        "turns": sum(row.how in MOVES for row in facts.tables.inbound_events),
        **{name: report[name] for name in told},
    }


def webhooks(facts: Facts) -> Json:
    """Of webhooks and callbacks that nobody spoilt: the share which we did not acknowledge."""
    told: list[Webhook | Callback] = [*facts.webhooks, *facts.callbacks]
    asked = [(facts.shadowed(one.at), one.acknowledged) for one in told if not one.faulty]
    calm = [taken for shadowed, taken in asked if not shadowed]
    return {
        "asked": len(asked),
        "error_rate": _missed([taken for _, taken in asked]),
        "error_rate_outside_faults": _missed(calm),
    }


def _missed(taken: Sequence[bool]) -> float | None:
    return round(1 - sum(taken) / len(taken), 4) if taken else None


def tables(made: Json) -> Iterator[Table]:
    """For people: the figures, what landed, what was recovered from."""
    shown = Table("figure", "found", title=f"seed {made['seed']}, {made['minutes']:g} minutes")
    for name in get_args(Figure):
        shown.add_row(name, str(made[name]), style="red" if made[name] and name != "unknown" else None)
    yield shown
    faults = Table("fault", "landed", "without proof", "recovered, s: median", "95 %", "longest")
    for kind, counts in made["faults"].items():
        took = made["recovery"]["kinds"][kind]
        told = (str(took.get(name, "")) for name in ("p50", "p95", "max"))
        faults.add_row(kind, str(counts.get("landed", 0)), str(counts.get("without_proof", 0)), *told)
    yield faults
    rest = Table("", "")
    for name, value in made["totals"].items():
        rest.add_row(name, str(value))
    rest.add_row("webhooks", str(made["webhooks"]))
    rest.add_row("answers, s", str(made["answers"]))
    rest.add_row("acknowledged outside faults", str(made["report"].get("progress")))
    yield rest
