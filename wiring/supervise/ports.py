"""Loopback ports: which are free, which one a part gets."""

import contextlib
import secrets
import socket
from collections import deque

LOOPBACK = "127.0.0.1"
OURS = range(12_000, 32_000)
"""Below what systems hand out for outgoing connections, which may take a port before its part listens."""
TRIES = 200
_GIVEN: deque[int] = deque(maxlen=1_000)
"""The newest that were told: who asked may not listen there yet, and nobody else of this process shall."""


class PortTakenError(Exception):
    """A port that was asked for by number is in use, or none was found free."""


def free_port() -> int:
    """A port of 127.0.0.1 which nobody listens on now, and that was not told just before."""
    drawn = (port for port in map(secrets.choice, [OURS] * TRIES) if port not in _GIVEN)
    found = next(filter(is_free, drawn), None)
    if found is None:
        raise PortTakenError(f"no free port between {OURS.start} and {OURS.stop}")
    _GIVEN.append(found)
    return found


def is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server((LOOPBACK, port)):
        return True
    return False


def choose_port(wanted: int, *, explicit: bool, option: str) -> int:
    """The port to use: 0 means any; a default gives way when it is taken, one that was asked for does not."""
    if wanted == 0:
        return free_port()
    if is_free(wanted):
        return wanted
    if explicit:
        raise PortTakenError(f"port {wanted} is in use; choose another with {option} (0 takes a free one)")
    return free_port()
