"""A draw that is no chance: a visit of a node draws the same, whoever walks it (protocols 2.11)."""

import hashlib

BYTES = 6
"""A float holds as many exactly."""
SIDES: int = 256**BYTES


def drawn(execution: str, node: str, visit: int) -> float:
    """A number from 0 up to, never at, 1: the beginning of sha256 over `execution:node:visit`."""
    digest = hashlib.sha256(f"{execution}:{node}:{visit}".encode()).digest()
    return int.from_bytes(digest[:BYTES]) / SIDES
