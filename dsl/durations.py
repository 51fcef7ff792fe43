"""Durations as authors write them: "90s", "30m", "24h", "7d", or ISO 8601 ("PT30M", "P1DT2H").

Months and years ("P1M", "P1Y2M") are of no fixed length: a `Span` is, and is understood by a delay only.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field

from dsl.filters import number_of

_SHORT = re.compile(r"(\d{1,9})(s|m|h|d|w)")
_ISO = re.compile(
    r"P(?:(?P<Y>\d{1,4})Y)?(?:(?P<M>\d{1,4})M)?(?:(?P<w>\d{1,6})W)?(?:(?P<d>\d{1,6})D)?"
    r"(?:T(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,9})S)?)?"
)
_UNIT = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

LONGEST = 5 * 365 * 86_400
"""Seconds: no timer of a flow is longer than five years."""
_MONTHS = 72
"""More than are ever waited."""


class Span(NamedTuple):
    """A duration as it is written: months of the calendar, and seconds after them."""

    months: int
    seconds: int


def span_of(written: object) -> Span | None:
    """The span that a text spells; None for anything else. Total, for the walk."""
    text = written.strip() if isinstance(written, str) else ""
    if short := _SHORT.fullmatch(text):
        return Span(0, int(short[1]) * _UNIT[short[2]])
    iso = _ISO.fullmatch(text)
    amounts = {unit: int(n) for unit, n in iso.groupdict().items() if n} if iso else {}
    if not amounts:
        return None
    months = 12 * amounts.pop("Y", 0) + amounts.pop("M", 0)
    return Span(min(months, _MONTHS), sum(_UNIT[unit] * n for unit, n in amounts.items()))


def parse_duration(written: object) -> object:
    """Seconds of a written duration; numbers pass as seconds; anything else raises ValueError."""
    if not isinstance(written, str):
        return written
    span = span_of(written)
    if span is None:
        raise ValueError('a duration is written like "90s", "30m", "24h", "7d" or "PT30M"')
    if span.months:
        raise ValueError('months and years have no fixed length here: write days, like "30d"')
    return span.seconds


def parse_span(written: object) -> object:
    """Seconds, or of what has months or years the text itself; anything else raises ValueError."""
    span = span_of(written)
    length = span.seconds + span.months * 30 * 86_400 if span and span.months else parse_duration(written)
    if isinstance(length, int | float) and not 0 <= length <= LONGEST:
        raise ValueError("this must be from 0 seconds to five years")
    return written if span and span.months else length


def seconds_of(value: object) -> float:
    """Seconds of a number or a written duration; 0 for anything else. Total, for the walk."""
    try:
        seconds = parse_duration(value)
    except ValueError:
        seconds = number_of(value)
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0


def after(now: datetime, seconds: float) -> datetime:
    """The moment so many seconds from now, within bounds."""
    return now + timedelta(seconds=min(max(seconds, 0), LONGEST))


def later(now: datetime, seconds: float | None) -> datetime | None:
    """The moment so many seconds from now, within bounds; None where there is no end."""
    return None if seconds is None else after(now, seconds)


Duration = Annotated[
    int,
    BeforeValidator(parse_duration, json_schema_input_type=str | int),
    Field(ge=0, le=LONGEST, description='Seconds, or "90s", "30m", "24h", "7d", "PT30M".'),
]
CalendarDuration = Annotated[int | str, BeforeValidator(parse_span, json_schema_input_type=str | int)]
"""Seconds, or the text of a span with months or years."""
