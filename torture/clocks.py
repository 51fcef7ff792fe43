"""Clocks that can be set: what libfaketime tells one of our processes that the time is."""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path

from providers.http.pooled import Pooled

LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
RIGHT = "+0"
PATIENCE = 15.0
"""Seconds for an answer: the page of metrics asks Temporal's core first."""


def library() -> Path | None:
    """The shared library, where it is there for this machine."""
    spec = find_spec("libfaketime")
    found = Path(spec.origin).parent / LIBRARY if spec and spec.origin else None
    if found is None or not found.exists():
        return None
    try:
        ctypes.CDLL(str(found))
    except OSError:  # made for another processor
        return None
    return found


@dataclass(frozen=True)
class Clock:
    """The clock of one part; `url` is where its HTTP server says what time it is."""

    file: Path
    library: Path

    def set(self, offset: str) -> None:
        """Seconds from the true time, with a sign (`+3600`); felt within two seconds."""
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{offset}\n")
        draft.replace(self.file)

    def environment(self) -> Mapping[str, str]:
        """What a process is told so that it believes this clock; durations stay true."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # Else a wait for a condition ends at once, and threads that want Python's lock spin.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }


async def told_by(url: str) -> float:
    """By how many seconds a server's clock is ahead, as the header of its answer says."""
    base, _, path = url.rpartition("/")
    async with Pooled(base, provider="clock", seconds=PATIENCE) as server:
        reply = await server.request("GET", f"/{path}")
    told = parsedate_to_datetime(reply.headers["date"])
    return (told - datetime.now(UTC)).total_seconds()
