"""INV-15: memory, descriptors and connections, before and after, and how fast they grow."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypedDict

from torture.checker.facts import Facts
from torture.checker.told import Sample

HELD = ("memory", "descriptors", "connections")
HOUR = 3600.0


class Held(TypedDict):
    """Of one kind of process: first and last sample, and the slope per hour within its longest life."""

    before: dict[str, int]
    after: dict[str, int]
    per_hour: dict[str, float]


def resources(facts: Facts) -> dict[str, Held]:
    """By part; a slope is told of the process that was sampled most."""
    parts: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(facts.samples, key=lambda sample: sample.at):
        parts[sample.part].append(sample)
    return {part: _held(samples) for part, samples in parts.items()}


def _held(samples: Sequence[Sample]) -> Held:
    lives: defaultdict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        lives[sample.pid].append(sample)
    longest = max(lives.values(), key=len)
    return Held(
        before={name: getattr(samples[0], name) for name in HELD},
        after={name: getattr(samples[-1], name) for name in HELD},
        per_hour={name: slope(longest, name) for name in HELD},
    )


def slope(samples: Sequence[Sample], name: str) -> float:
    """The least-squares slope of what is held, per hour; 0 where there are too few samples."""
    hours = [(sample.at - samples[0].at).total_seconds() / HOUR for sample in samples]
    values = [float(getattr(sample, name)) for sample in samples]
    middle, level = sum(hours) / len(hours), sum(values) / len(values)
    spread = sum((hour - middle) ** 2 for hour in hours)
    if spread == 0:
        return 0.0
    leaning = sum((hour - middle) * (value - level) for hour, value in zip(hours, values, strict=True))
    return round(leaning / spread, 3)
