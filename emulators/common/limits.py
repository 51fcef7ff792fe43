"""The request throttle in front of an API."""

from collections.abc import Callable

MINUTE = 60


class Throttled(Exception):
    """A caller used up its calls of this window."""


class Throttle:
    """Counts calls per key in fixed windows, as rack-attack does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, key: str, limit: int | None, *, seconds: int = MINUTE) -> None:
        """Count one call; raises `Throttled` when `limit` calls of this window are used up."""
        if limit is None:
            return
        window = int(self._clock() // seconds)
        last, count = self._counts.get(key, (window, 0))
        count = count + 1 if last == window else 1
        self._counts[key] = window, count
        if count > limit:
            raise Throttled
