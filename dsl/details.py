"""What an execution is about just now, in Markdown for people who look at its workflow: no one's words."""

from dsl.messages import Flush, Perform, Performed, Standing
from dsl.prompts import prompted

MOST = 8
"""Nodes that are shown."""


class Details:
    """Status, what is awaited until when, and the nodes left last by their labels, oldest first."""

    def __init__(self) -> None:
        self._nodes: dict[int, str] = {}

    def ahead(self, flush: Flush) -> str:
        """As it will be when the flush is done; what it writes again is told once."""
        first = flush.rows[0].seq if flush.rows else flush.number + 1
        kept = [(seq, line) for seq, line in self._nodes.items() if seq < first]
        left = [
            (row.seq, f"- {row.label} → {row.exit or 'end'}") for row in flush.rows if row.phase == "done"
        ]
        self._nodes = dict([*kept, *left][-MOST:])
        return self._told(flush.standing)

    def done(self, request: Perform, performed: Performed) -> str:
        """As it is; where only some of it was done the walk is behind it, and will tell."""
        whole = len(performed.reports) == len(request.effects)
        flush = prompted(request.flush, performed.reports) if whole else request.flush
        return self._told(flush.standing)

    def _told(self, standing: Standing) -> str:
        return "\n".join([f"**{standing.status}**{_awaited(standing)}", "", *self._nodes.values()])


def _awaited(standing: Standing) -> str:
    waiting = standing.waiting
    if waiting is None:
        return f": {standing.reason}" if standing.reason else ""
    expects = f" for {waiting.expects}" if waiting.expects else ""
    until = f" until {waiting.deadline.isoformat(timespec='seconds')}" if waiting.deadline else ""
    return f" at `{standing.node}`{expects}{until}"
