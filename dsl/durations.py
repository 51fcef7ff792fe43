"""Durations as authors write them: "90s", "30m", "24h", "7d", or ISO 8601 ("PT30M", "P1DT2H")."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from dsl.filters import moment_of, number_of

_SHORT = re.compile(r"(\d{1,9})(s|m|h|d|w)")
_ISO = re.compile(
    r"P(?:(?P<w>\d{1,6})W)?(?:(?P<d>\d{1,6})D)?"
    r"(?:T(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,9})S)?)?"
)
_UNIT = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

LONGEST = 5 * 365 * 86_400
"""Seconds: no timer of a flow is longer than five years."""


def parse_duration(written: object) -> object:
    """Seconds of a written duration; numbers pass as seconds; anything else raises ValueError."""
    if not isinstance(written, str):
        return written
    if short := _SHORT.fullmatch(written.strip()):
        return int(short[1]) * _UNIT[short[2]]
    iso = _ISO.fullmatch(written.strip())
    amounts = {unit: int(n) for unit, n in iso.groupdict().items() if n} if iso else {}
    if not amounts:
        raise ValueError('a duration is written like "90s", "30m", "24h", "7d" or "PT30M"')
    return sum(_UNIT[unit] * n for unit, n in amounts.items())


def seconds_of(value: object) -> float:
    """Seconds of a number or a written duration; 0 for anything else. Total, for the walk."""
    try:
        seconds = parse_duration(value)
    except ValueError:
        seconds = number_of(value)
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0


def later(now: datetime, seconds: float | None) -> datetime | None:
    """The moment so many seconds from now, within bounds; None where there is no end."""
    return None if seconds is None else now + timedelta(seconds=min(max(seconds, 0), LONGEST))


def woken(until: object, seconds: object, now: datetime) -> tuple[datetime | None, int | None]:
    """When a sleep is over, and after how many seconds; what cannot be read as a time is over at once."""
    moment = moment_of(until)
    if moment is None:
        bounded = min(max(seconds_of(seconds), 0.0), LONGEST)
        return later(now, bounded), int(bounded)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)
    return later(now, (aware - now).total_seconds()), None


Duration = Annotated[
    int,
    BeforeValidator(parse_duration, json_schema_input_type=str | int),
    Field(ge=0, le=LONGEST, description='Seconds, or "90s", "30m", "24h", "7d", "PT30M".'),
]
