"""The signature of Chatwoot's webhooks: HMAC-SHA256 over `timestamp.body`, keyed by the secret's own text."""

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

TOLERANCE = 300.0


def sign(secret: SecretStr, *, timestamp: str, body: bytes) -> str:
    """The value of `X-Chatwoot-Signature`: `sha256=` and 64 hex digits."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()


def verify(
    secrets: Sequence[SecretStr],
    *,
    timestamp: str | None,
    signature: str | None,
    body: bytes,
    now: float,
    tolerance: float = TOLERANCE,
) -> bool:
    """Whether one of the secrets signed these very bytes within `tolerance` seconds of `now`, unix time."""
    if not timestamp or not signature or not _timely(timestamp, now, tolerance):
        return False
    given = signature.encode()
    # Every secret is tried, so the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(sign(s, timestamp=timestamp, body=body).encode(), given) for s in secrets]
    return any(fits)


def _timely(timestamp: str, now: float, tolerance: float) -> bool:
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return plain and abs(now - int(timestamp)) <= tolerance
