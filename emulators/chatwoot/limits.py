"""The answer of the request throttle."""

from emulators.chatwoot.config import Config
from emulators.chatwoot.errors import ApiError


def throttled(config: Config) -> ApiError:
    """The 429 as configured: its body and header are unverified."""
    wait = config.throttle_retry_after
    return ApiError(429, config.throttle_body, {} if wait is None else {"Retry-After": str(wait)})
