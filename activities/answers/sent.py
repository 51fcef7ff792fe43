"""Answers that are sent along: a file, a place."""

import re
from math import isfinite

from activities.answers.answer import Answer
from dsl.filters import number_of
from dsl.model import Json

MOST = 2_048
_DEGREES = r"([+-]?\d{1,3}(?:[.]\d{1,15})?)"
_PAIR = re.compile(rf"(?:geo:)?{_DEGREES}\s{{0,5}}[,; ]\s{{0,5}}{_DEGREES}")
_ON_A_MAP = re.compile(rf"https?://\S*?(?:[@=/]|%40){_DEGREES}(?:,|%2[Cc])\+?{_DEGREES}")
"""A link that a map's share button gives."""


def file(answer: Answer) -> Json:
    """The first file sent along: `{id, type, url, extension, size, title}`, without what is unknown."""
    found = answer.sent(place=False)
    return found if found is not None and isinstance(found.get("url"), str) else None


def location(answer: Answer) -> Json:
    """`{latitude, longitude, title?}`, sent as a place, written as a pair of degrees, or as a map's link."""
    sent = answer.sent(place=True)
    if sent is not None:
        found = _place(sent.get("latitude"), sent.get("longitude"))
        return {**found, "title": sent["title"]} if found and isinstance(sent.get("title"), str) else found
    said = answer.said(MOST)
    pair = _PAIR.fullmatch(said) or _ON_A_MAP.match(said)
    return _place(pair[1], pair[2]) if pair else None


def _place(latitude: Json, longitude: Json) -> dict[str, Json] | None:
    north, east = number_of(latitude), number_of(longitude)
    if north is None or east is None or not (isfinite(north) and isfinite(east)):
        return None
    return {"latitude": north, "longitude": east} if abs(north) <= 90 and abs(east) <= 180 else None
