"""What parent and child say to each other: a length of four bytes, and so much JSON."""

from typing import Any

MOST = 4 * 1024 * 1024
"""Bytes of a frame."""

Reply = dict[str, Any]
"""`{"value": JSON text}`, or `{"problem": code, "message": …}`."""


def framed(content: bytes) -> bytes:
    """A frame."""
    return len(content).to_bytes(4) + content
