"""The request throttle in front of the API."""

from collections.abc import Callable

from emulators.chatwoot.config import Config
from emulators.chatwoot.errors import ApiError

MINUTE = 60


class Throttle:
    """Counts calls per key in fixed windows, as rack-attack does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, key: str, limit: int | None, config: Config, *, seconds: int = MINUTE) -> None:
        """Count one call; raises the 429 when `limit` calls of this window are used up."""
        if limit is None:
            return
        window = int(self._clock() // seconds)
        last, count = self._counts.get(key, (window, 0))
        count = count + 1 if last == window else 1
        self._counts[key] = window, count
        if count > limit:
            raise throttled(config)


def throttled(config: Config) -> ApiError:
    """The 429 as configured: its body and header are unverified."""
    wait = config.throttle_retry_after
    return ApiError(429, config.throttle_body, {} if wait is None else {"Retry-After": str(wait)})
