"""The request throttle in front of the API."""

from collections.abc import Callable

from emulators.chatwoot.config import Config
from emulators.chatwoot.errors import ApiError

WINDOW = 60


class Throttle:
    """Counts calls per key in fixed minutes, as rack-attack does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._minute = 0
        self._counts: dict[str, int] = {}

    def count(self, key: str, limit: int | None, config: Config) -> None:
        """Count one call; raises the 429 when `limit` calls of this minute are used up."""
        if limit is None:
            return
        minute = int(self._clock() // WINDOW)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] > limit:
            raise throttled(config)


def throttled(config: Config) -> ApiError:
    """The 429 as configured: its body and header are unverified."""
    wait = config.throttle_retry_after
    return ApiError(429, config.throttle_body, {} if wait is None else {"Retry-After": str(wait)})
