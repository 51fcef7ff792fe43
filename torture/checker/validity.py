"""Whether a run may be judged at all: it moved, and what was done to it was really done."""

from collections.abc import Iterator

from torture.checker.facts import Facts
from torture.checker.told import Callback, Webhook

LEAST = 0.9
OURS = 500
"""From this status on an answer is no answer."""


def invalid(facts: Facts) -> list[str]:
    """Why the run proves nothing; empty where it counts."""
    return [*_too_slow(facts), *not_landed(facts)]


def not_landed(facts: Facts) -> list[str]:
    """Faults without proof."""
    return [f"{fault.what} left no proof" for fault in facts.faults if not fault.proof]


def progress(facts: Facts) -> float | None:
    """The share of what people did outside fault windows that was taken; None of nothing."""
    taken = list(_operations(facts))
    return round(sum(taken) / len(taken), 3) if taken else None


def _operations(facts: Facts) -> Iterator[bool]:
    """Whether each thing that was asked of us, while nothing was broken, was taken."""
    texts = (one for one in facts.callbacks if one.channel == "sms")
    told: list[Webhook | Callback] = [*facts.persons(), *texts]
    for webhook in told:
        if not webhook.faulty and not facts.shadowed(webhook.at):
            yield webhook.acknowledged
    for turn in facts.turns:
        if not turn.faulty and not facts.shadowed(turn.at):
            yield turn.answer is not None
    for start in facts.starts:
        if not facts.shadowed(start.at):
            yield start.status < OURS


def _too_slow(facts: Facts) -> list[str]:
    share = progress(facts)
    if share is None:
        return ["nothing happened outside fault windows"]
    return [] if share >= LEAST else [f"only {share:.0%} of what people did outside fault windows was taken"]
