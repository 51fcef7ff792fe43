"""What an execution is about just now, in Markdown for people who look at its workflow: no one's words."""

from collections.abc import Sequence

from dsl.messages import Flush, Standing

MOST = 8
"""Nodes that are shown."""


def recent(before: Sequence[str], flush: Flush) -> tuple[str, ...]:
    """The newest nodes by their labels, oldest first, with those of one more flush."""
    left = [f"- {row.label} → {row.exit or 'end'}" for row in flush.rows if row.phase == "done"]
    return (*before, *left)[-MOST:]


def details(nodes: Sequence[str], standing: Standing) -> str:
    """Status, what is awaited until when, and the nodes left last."""
    return "\n".join([f"**{standing.status}**{_awaited(standing)}", "", *nodes])


def _awaited(standing: Standing) -> str:
    waiting = standing.waiting
    if waiting is None:
        return f": {standing.reason}" if standing.reason else ""
    expects = f" for {waiting.expects}" if waiting.expects else ""
    until = f" until {waiting.deadline.isoformat(timespec='seconds')}" if waiting.deadline else ""
    return f" at `{standing.node}`{expects}{until}"
