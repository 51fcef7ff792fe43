"""What the provider says no with: words in a 2xx answer, plain text in the others."""

import re

from providers.errors import Failed
from providers.reply import Reply

PROVIDER = "africastalking"
_MISSING = re.compile(r"missing required (?:form field|query parameter) '([A-Za-z]{1,40})'")
_WORD = re.compile(r"[A-Z][A-Za-z]{2,39}")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
PHRASES = frozenset(
    {
        "destination not supported",
        "insufficient balance",
        "insufficient credit",
        "invalid amount",
        "invalid currency code",
        "invalid phone number",
        "value outside the allowed limits",
    }
)
"""What it says where the status is nothing but `Failed`; other sentences may hold anything."""


def failed(status: str, reply: Reply | None = None, message: str | None = None) -> Failed:
    """The error for a status such as `InvalidSenderId`, or for a message that says more than it.

    What is neither a single word nor a phrase that we know is never repeated.
    """
    phrase = (message or "").strip().lower()
    if phrase in PHRASES:
        return Failed(phrase.replace(" ", "_").upper(), phrase, provider=PROVIDER, reply=reply)
    if not _WORD.fullmatch(status):
        return Failed("NOT_ACCEPTED", "it was not accepted", provider=PROVIDER, reply=reply)
    code = _HUMP.sub("_", status).upper()
    return Failed(code, f"it was not accepted: {status}", provider=PROVIDER, reply=reply)


def told(error: Failed) -> Failed:
    """The same refusal with what its plain text says, as far as we know the text."""
    missing = _MISSING.search(error.reply.text) if error.reply else None
    if missing is None:
        return error
    text = f"the field '{missing[1]}' is missing"
    return Failed("FIELD_MISSING", text, provider=PROVIDER, reply=error.reply)


def invalid(why: str) -> Failed:
    """The error for what we do not even ask."""
    return Failed("INVALID_REQUEST", why, provider=PROVIDER)


def not_found(reply: Reply | None = None) -> Failed:
    """The error of a query for something that is not there."""
    return Failed("NOT_FOUND", "there is no such transaction", provider=PROVIDER, reply=reply)
