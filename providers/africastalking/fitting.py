"""What of a text surely fits no phone, whatever its templates come to: told when a flow is compiled."""

import re
from collections.abc import Iterator

from dsl.issues import Issue, issue
from providers.africastalking.gsm import foreign, length, size
from providers.africastalking.screens import BY_NETWORK, CONTINUE, capacity, pages

PARTS = 3
"""So many SMS are one text still."""
SHOWN = 5
"""So many characters are named."""
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def written(text: object) -> str:
    """A text without its placeholders: no shorter than this, and with these characters at least."""
    return _PLACEHOLDER.sub("", text) if isinstance(text, str) else ""


def text_issues(text: str, pointer: str) -> Iterator[Issue]:
    """Of a text that is sent as SMS."""
    yield from _letters(text, pointer, "it is charged by 67 characters, not by 153")
    parts = size(text).parts
    if parts > PARTS:
        yield issue("TEXT_IN_PARTS", f"The text is sent as {parts} SMS.", pointer=pointer)


def screen_issues(text: str, pointer: str) -> Iterator[Issue]:
    """Of a text that is shown on a screen of USSD, its choices numbered under it."""
    yield from _letters(text, pointer, "a screen holds half as much")
    cut = len(pages(text))
    if cut > 1:
        units, wide = length(text) + length(CONTINUE), max(capacity(text, one) for one in BY_NETWORK)
        told = f"It takes {units} characters; a screen has {capacity(text)}, at most {wide}: {cut} pages."
        yield issue("SCREEN_PAGED", told, pointer=pointer)


def _letters(text: str, pointer: str, so: str) -> Iterator[Issue]:
    if odd := foreign(text):
        named = " ".join(odd[:SHOWN])
        more = f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else ""
        yield issue("NOT_GSM", f"GSM-7 does not have {named}{more}: {so}.", pointer=pointer)
