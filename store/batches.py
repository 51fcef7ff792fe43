"""What a lane has to deliver: its oldest unsent rows, and all that decides to whom they go."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dsl.inputs import Input
from store.lanes import Lane, Newest
from store.pages import page

UNCONFIRMED = "state = 'consumed' AND handed_at IS NULL AND relay_after IS NOT NULL"
"""A row that a turn brought, and that its run has on record.

As long as nobody has seen the turn's update return, the task that took the row in may be lost, and the run
then knows nothing of it: no row behind it may go without it.
"""


def waiting(*conditions: str, limit: str) -> str:
    """The oldest rows of the lane `lane` that meet a condition, as a subselect: each has its own index."""
    rows = "SELECT * FROM inbound_events WHERE workspace_id = $1 AND lane_id = lane.id AND"
    return " UNION ALL ".join(f"({rows} {one} ORDER BY seq LIMIT {limit})" for one in conditions)


class Batch(NamedTuple):
    """The oldest rows of a lane that nobody was sent, in seq order; `whole` when none follows but on hold.

    `newest`: the lane's newest execution, looked up where no run is known to be on it.
    """

    lane: Lane
    inputs: list[Input]
    whole: bool
    newest: Newest | None = None


def batch_of(rows: Sequence[Any], limit: int, max_bytes: int) -> Batch | None:
    """A lane's batch, of rows that begin with the lane's columns; None where there are none."""
    if not rows:
        return None
    events = [_event(row) for row in rows if row["event_id"] is not None]
    inputs, more = page(_before_hold(events), limit, max_bytes)
    lane = Lane(*rows[0][: len(Lane._fields)])
    return Batch(lane, inputs, not more, Newest.of(rows[0]["newest"]))


def alone(lane: Sequence[Any], newest: Sequence[Any] | None, row: dict[str, Any]) -> Batch:
    """The batch of a row that is the only one of its lane to deliver."""
    found = Lane(*lane)
    inputs, _ = page([{**row, "with_bot": found.with_bot, "outdated": False}], 1, row["size"])
    return Batch(found, inputs, True, Newest.of(newest))


def _event(row: Any) -> dict[str, Any]:
    names = ("seq", "accepted_at", "event", "size", "held", "with_bot", "outdated")
    return {"id": row["event_id"], **{name: row[name] for name in names}}


def _before_hold(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    first = next((place for place, event in enumerate(events) if event["held"]), len(events))
    return list(events[:first])
