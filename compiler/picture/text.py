"""Text in drawings: what may be shown of it, how wide it is, where it breaks."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

JOINERS = "\u200c\u200d"
"""Invisible, but letters of several scripts and emoji are spelled with them."""
NARROW, WIDE = frozenset("ijltfrI.,:;'|!()[]{}/\\ -`\""), frozenset("mwMW@%&#")


def shown(text: str) -> str:
    """The text as one line; no control characters (XML has none), and none that turn the direction around."""
    return " ".join("".join(_kept(text)).split())


def _kept(text: str) -> Iterator[str]:
    for char in text:
        category = unicodedata.category(char)
        if char in JOINERS or category[0] not in "CZ":
            yield char
        elif category != "Cf":
            yield " "


def width(text: str, size: float) -> float:
    """Pixels that a text takes in a common sans-serif face, rather too many than too few."""
    return size * sum(map(_em, text))


@lru_cache(maxsize=4096)
def _em(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.1
    if unicodedata.combining(char) or char in JOINERS:
        return 0.0
    if char in NARROW:
        return 0.36
    if char in WIDE:
        return 0.95
    return 0.72 if char.isupper() else 0.58


def wrapped(text: str, size: float, limit: float, most: int) -> list[str]:
    """At most so many lines, none wider than `limit` pixels; what is left out becomes an ellipsis."""
    rest, lines = shown(text), list[str]()
    while rest and len(lines) < most:
        head = _head(rest, size, limit)
        if len(lines) == most - 1 and head != rest:
            return [*lines, f"{_fitting(rest, size, limit - size)}…"]
        lines.append(head)
        rest = rest[len(head) :].lstrip()
    return lines


def _head(text: str, size: float, limit: float) -> str:
    """What fits on a line, cut between words where there are several."""
    fits = _fitting(text, size, limit)
    if len(fits) == len(text) or text[len(fits)] == " ":
        return fits.rstrip()
    cut = max(fits.rfind(mark) for mark in " -_/")
    return fits[: cut + 1].rstrip() if cut > 0 else fits


def _fitting(text: str, size: float, limit: float) -> str:
    taken = 0.0
    for count, char in enumerate(text):
        taken += size * _em(char)
        if taken > limit:
            return text[: max(count, 1)]
    return text
