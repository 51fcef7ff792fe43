"""Delivery reports come late, twice and in any order: statuses only climb."""

from typing import Literal

Standing = Literal["pending", "delivered", "failed"]

_RANKS = {"Queued": 0, "Sent": 1, "Submitted": 2, "Buffered": 3, "AbsentSubscriber": 4}
"""On the way; an absent subscriber's phone may come back, and the message with it."""
_FINAL: dict[str, Standing] = {
    "Success": "delivered",
    "Rejected": "failed",
    "Failed": "failed",
    "Expired": "failed",
}


def standing(status: str) -> Standing:
    """What a status means; one that we do not know is on its way."""
    return _FINAL.get(status, "pending")


def climb(now: str | None, reported: str) -> str:
    """The status that holds after a report: the first final one stays, else the one further on the way."""
    if now is None:
        return reported
    if now in _FINAL:
        return now
    return reported if reported in _FINAL or _rank(reported) > _rank(now) else now


def _rank(status: str) -> int:
    return _RANKS.get(status, -1)
