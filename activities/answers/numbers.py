"""Answers that are numbers, as people write them."""

import re
import unicodedata

from activities.answers.answer import Answer
from dsl.model import Json

MOST = 64
"""Characters of a number."""
_BLANKS = re.compile(r"(?<=\d)[\s'\u2019](?=\d{3}(?:\D|$))")
"""Between groups of thousands: a blank, as in French, or an apostrophe."""
_PLAIN = re.compile(r"[+-]?(\d{1,18}|\d{0,18}[.]\d{1,18})")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3}){1,5}([.]\d{1,18})?")
_GROUPED_BY_DOTS = re.compile(r"[+-]?\d{1,3}([.]\d{3}){1,5},\d{1,18}|[+-]?\d{1,3}([.]\d{3}){2,5}")
_COMMA = re.compile(r"[+-]?\d{1,18},\d{1,18}")


def number(answer: Answer) -> Json:
    """`1,250.50`, `1 250,50`, `1.250,50`, `-3`; one comma before three digits groups thousands."""
    spelled = _spelled(answer.said(MOST))
    if spelled is None:
        return None
    found = float(spelled)
    value = int(spelled) if spelled.lstrip("+-").isdecimal() else found
    too_small = answer.min is not None and value < answer.min
    too_large = answer.max is not None and value > answer.max
    return None if too_small or too_large else value


def integer(answer: Answer) -> Json:
    """A number without a fraction, be it written `3.0`."""
    value = number(answer)
    return int(value) if isinstance(value, int | float) and value == int(value) else None


def _spelled(said: str) -> str | None:
    """The number as Python spells it; None where it is none."""
    text = unicodedata.normalize("NFKC", said).replace("\u2212", "-")
    text = _BLANKS.sub("", text.strip().removesuffix("."))
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if _GROUPED_BY_DOTS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _PLAIN.fullmatch(text):
        return text
    return text.replace(",", ".") if _COMMA.fullmatch(text) else None
