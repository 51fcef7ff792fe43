"""Whether a run may be judged at all: it moved, and what was done to it was really done."""

from tests.faults.checker.facts import Facts, Webhook

LEAST = 0.9


def invalid(facts: Facts) -> list[str]:
    """Why the run proves nothing; empty where it counts."""
    return [*_too_slow(facts), *not_landed(facts)]


def not_landed(facts: Facts) -> list[str]:
    """Faults without proof."""
    return [f"{fault.what} left no proof" for fault in facts.faults if not fault.proof]


def progress(facts: Facts) -> float | None:
    """The share of what people did outside fault windows that was acknowledged; None of nothing."""
    counted = [webhook for webhook in facts.persons() if not webhook.faulty and not _shadowed(facts, webhook)]
    if not counted:
        return None
    return round(sum(webhook.acknowledged for webhook in counted) / len(counted), 3)


def _too_slow(facts: Facts) -> list[str]:
    share = progress(facts)
    if share is None:
        return ["nothing happened outside fault windows"]
    return [] if share >= LEAST else [f"only {share:.0%} of what people did outside fault windows was taken"]


def _shadowed(facts: Facts, webhook: Webhook) -> bool:
    return any(fault.felt_at(webhook.at) for fault in facts.faults)
