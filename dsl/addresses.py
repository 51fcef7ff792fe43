"""Where people of a phone network have their lanes: a number of ours, and a hash of theirs."""

from collections.abc import Callable

Hashed = Callable[[str], str]
"""A keyed hash of a phone number in E.164: hex digits, always the same."""


def lane_address(hashed: Hashed, service: str, phone: str) -> str:
    """`*384*1#/0f3a…`: it becomes a workflow's id, which all at Temporal read."""
    return f"{service}/{hashed(phone)}"
