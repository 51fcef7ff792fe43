"""Time zones by IANA name, and as data of a plan."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dsl.plan import Sleep, Step
from dsl.zones import Zone

KNOWN = (2020, 2060)
"""Years of which a plan knows the changes of a zone; the same whenever a flow is compiled."""


def zone(name: str) -> tzinfo | None:
    """The zone of that name; None where there is none. UTC is there without a time zone database."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone_of(name: str, steps: Iterable[Step]) -> Zone | None:
    """What the steps need to know of the zone: nothing where none looks at its clocks."""
    return zone_data(name) if any(isinstance(step, Sleep) and _looks(step) for step in steps) else None


def _looks(step: Sleep) -> bool:
    """Its end depends on clocks, or on what a template gives."""
    template = isinstance(step.until, str) and "{{" in step.until
    return template or isinstance(step.seconds, str) or step.quiet is not None or step.business is not None


@lru_cache(maxsize=64)
def zone_data(name: str) -> Zone:
    """The zone as a plan keeps it; one that is not there is UTC, which is told elsewhere."""
    found = zone(name) or UTC
    days = [datetime(KNOWN[0], 1, 1, tzinfo=UTC)]
    while days[-1].year < KNOWN[1]:
        days.append(days[-1] + timedelta(days=1))
    offsets = [_offset(found, day) for day in days]
    changes = [
        _change(found, days[index - 1], days[index])
        for index in range(1, len(days))
        if offsets[index] != offsets[index - 1]
    ]
    return Zone(offset=offsets[0], changes=tuple(changes))


def _change(zone: tzinfo, before: datetime, after: datetime) -> tuple[int, int]:
    """The second in a day from which another offset holds (no zone changes twice in a day)."""
    low, high = int(before.timestamp()), int(after.timestamp())
    new = _offset(zone, after)
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(zone, datetime.fromtimestamp(middle, UTC)) == new
        low, high = (low, middle) if same else (middle, high)
    return high, new


def _offset(zone: tzinfo, moment: datetime) -> int:
    shift = moment.astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0
