"""Hours of the week by the clocks of a zone: when nobody is to be disturbed, and when somebody is there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from dsl.model import Message
from dsl.zones import Zone

DAY = 24 * 60
"""Minutes."""
_MOVES = 64
"""More moves than any week of windows takes."""


class Hours(Message):
    """The same hours on some days of the week; those past midnight belong to the day on which they begin."""

    days: tuple[int, ...] = tuple(range(7))
    """Monday is 0."""
    begin: int
    """Minutes since midnight."""
    end: int
    """After `begin`; above 1440 on the next day."""

    def around(self, local: datetime) -> datetime | None:
        """The end of the hours that a local time is in; None when it is in none."""
        return next((end for begin, end in self._near(local, -1, 1) if begin <= local < end), None)

    def next(self, local: datetime) -> datetime | None:
        """When hours begin next, after a local time."""
        return next((begin for begin, _ in self._near(local, 0, 8) if begin > local), None)

    def _near(self, local: datetime, first: int, last: int) -> Iterator[tuple[datetime, datetime]]:
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(first, last):
            day = midnight + timedelta(days=days)
            if day.weekday() in self.days:
                yield day + timedelta(minutes=self.begin), day + timedelta(minutes=self.end)


def allowed(moment: datetime, zone: Zone, quiet: Hours | None, business: Hours | None) -> datetime:
    """The moment itself, or the first one after it that is outside of quiet and within business hours."""
    for _ in range(_MOVES):
        local = zone.local(moment)
        wanted = quiet.around(local) if quiet else None
        if wanted is None and business is not None and business.around(local) is None:
            wanted = business.next(local)
        if wanted is None:
            return moment
        moment = _after(moment, wanted, zone)
    return moment


def _after(moment: datetime, local: datetime, zone: Zone) -> datetime:
    """When the clocks show a time next: where they are put back, the first time may be over."""
    first = zone.moment(local)
    return first if first > moment else max(zone.moment(local, second=True), moment + timedelta(minutes=1))
