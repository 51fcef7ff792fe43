"""What an answer, or its absence, means for the effect that was asked for (the table under G15)."""

import time
from collections.abc import Container
from email.utils import parsedate_to_datetime

from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from providers.reply import Reply

OK = range(200, 300)
LONGEST_PAUSE = 15 * 60.0
CLIENT_CODES = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}
HOPELESS = frozenset({"RESPONSE_TOO_LARGE", "RESPONSE_ENCODING"})
"""Flaws of a body that another try would meet again."""


def judge(reply: Reply, provider: str, *, effect: bool, expect: Container[int] = OK) -> Reply:
    """The reply if its status is expected, else the error it stands for.

    An effect with a flawed body was done all the same, so the reply is returned and the flaw flagged in it.
    """
    if reply.status not in expect:
        raise _refusal(reply, provider, effect)
    if effect or reply.flaw is None:
        return reply
    kind = Failed if reply.flaw in HOPELESS else NotSent
    raise kind(reply.flaw, "the answer could not be read", provider=provider, reply=reply)


def no_answer(code: str, message: str, provider: str, *, effect: bool) -> ProviderError:
    """The error for a call that may have been received although no answer came."""
    return (Unknown if effect else NotSent)(code, message, provider=provider)


def _refusal(reply: Reply, provider: str, effect: bool) -> ProviderError:
    status, pause = reply.status, retry_after(reply.headers.get("retry-after"))
    if status == 429 or (status == 503 and pause is not None):
        text = f"asked to come back later (status {status})"
        return Refused("RATE_LIMITED", text, provider=provider, retry_after=pause, reply=reply)
    if status >= 500:
        kind = Unknown if effect else NotSent
        return kind("PROVIDER_ERROR", f"answered with status {status}", provider=provider, reply=reply)
    code = CLIENT_CODES.get(status, "REDIRECTED" if status < 400 else "REJECTED")
    return Failed(code, f"answered with status {status}", provider=provider, reply=reply)


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or a date), 0 to 15 minutes; None when unreadable."""
    seconds = _seconds(value or "", time.time() if now is None else now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_PAUSE)


def _seconds(value: str, now: float) -> float | None:
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return None
