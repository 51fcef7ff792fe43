"""A wait counts from when its prompt was sent, which is known when it was."""

from collections.abc import Sequence

from dsl.messages import Flush, Report


def prompted(flush: Flush, reports: Sequence[Report]) -> Flush:
    """The record of a run that waits, as its last message makes it."""
    sent = next((r.outcome.at for r in reversed(reports) if r.outcome is not None and r.outcome.at), None)
    waiting = flush.standing.waiting
    if waiting is None or sent is None:
        return flush
    moved = flush.standing.model_copy(update={"waiting": waiting.prompted(sent)})
    return flush.model_copy(update={"standing": moved})
