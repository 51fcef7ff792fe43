"""What the ramp measures, as it is written to the file."""

from collections.abc import Sequence

from bench.figures import Backend, percentile
from dsl.model import Message


class Step(Message):
    """Webhooks at one rate for some seconds; milliseconds from when each was due to its answer."""

    offered: float
    """A second; they come by chance."""
    seconds: float
    accepted: float
    """A second, until the last was answered."""
    messages: int
    refused: int
    """Answered with no success, or not at all."""
    p50: float
    p95: float
    p99: float
    p999: float
    longest: float
    beyond_limit: int
    """Answered later than Chatwoot waits."""
    turns_behind: float
    """Part of the messages whose turn was still to come a second after the last message."""
    cpu: dict[str, float]
    """Milliseconds of processor a message, by process."""


class Knee(Message):
    """A whole ramp: `knee` is the last rate that was kept up with (messages a second)."""

    backend: Backend
    ramp: list[Step]
    knee: float
    accepted_at_most: float
    """The most that were accepted a second in any step, whatever became of their turns."""
    at_70_percent: Step
    slow_database: Step
    """The same, PostgreSQL's answers to the API late by `slow_ms`."""
    slow_ms: float


ACCEPTED_PART, BEHIND_PART, SLOWEST = 0.98, 0.05, 500.0
IN_A_ROW = 3


def kept_up(step: Step) -> bool:
    """The knee's definition: all are accepted as they come, p99 within half a second, and turns keep pace."""
    return (
        step.refused == 0
        and step.accepted >= ACCEPTED_PART * step.messages / step.seconds
        and step.p99 <= SLOWEST
        and step.turns_behind <= BEHIND_PART
    )


def past(ramp: Sequence[Step]) -> bool:
    """Whether three steps in a row were not kept up with; one may be the machine's fault."""
    last = ramp[-IN_A_ROW:]
    return len(last) == IN_A_ROW and not any(map(kept_up, last))


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Of a step's answers, by the names of its fields."""
    named = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "p999": 0.999, "longest": 1.0}
    return {name: percentile(seconds, part) for name, part in named.items()}
