"""Hours of the week as authors write them, and whether a moment of it is left."""

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from dsl.hours import DAY, Hours
from dsl.model import Authored

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
WEEK = 7 * DAY

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Close = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Window(Authored):
    """The same hours on some days of the week, in the flow's time zone."""

    from_: Clock = Field(alias="from")
    """`"21:00"`."""
    to: Close
    """`"07:00"`: of the next day where it is not after `from`."""
    days: list[Weekday] = Field(default=list(WEEKDAYS), min_length=1, max_length=7)
    """`["mon", "tue"]`: the days on which they begin; every day where absent."""

    def hours(self) -> Hours:
        """As the walk reads it."""
        begin, end = _minutes(self.from_), _minutes(self.to)
        days = tuple(sorted({WEEKDAYS.index(day) for day in self.days}))
        return Hours(days=days, begin=begin, end=end if end > begin else end + DAY)


def never(quiet: Hours | None, business: Hours | None) -> bool:
    """Whether no minute of the week is outside of quiet and within business hours."""
    free = _mask(business) if business else (1 << WEEK) - 1
    return quiet is not None and not free & ~_mask(quiet)


def _mask(hours: Hours) -> int:
    """The minutes of the week as bits."""
    mask = 0
    for day in hours.days:
        mask |= ((1 << (hours.end - hours.begin)) - 1) << (day * DAY + hours.begin)
    return (mask | mask >> WEEK) & ((1 << WEEK) - 1)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)
