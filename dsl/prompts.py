"""A wait counts from when its prompt was sent, which is known when it was."""

from collections.abc import Sequence
from datetime import datetime

from dsl.messages import Flush, Outcome, Report


def sent_at(outcomes: Sequence[Outcome | None]) -> datetime | None:
    """When the last of these that has a time was done."""
    return next((outcome.at for outcome in reversed(outcomes) if outcome is not None and outcome.at), None)


def prompted(flush: Flush, reports: Sequence[Report]) -> Flush:
    """The record of a run that waits, as its last message makes it."""
    sent, waiting = sent_at([report.outcome for report in reports]), flush.standing.waiting
    if waiting is None or sent is None:
        return flush
    moved = flush.standing.model_copy(update={"waiting": waiting.prompted(sent)})
    return flush.model_copy(update={"standing": moved})
