"""delay: waits for a time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pydantic import Field, model_validator

from compiler.hours import Window, never
from compiler.moving import Moving
from compiler.zones import zone
from dsl.durations import CalendarDuration
from dsl.hours import Hours
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.plan import Sleep, Step
from dsl.templates import Expr


class Delay(Moving):
    """Waits for a duration, or until a moment, and goes on.

    With `quietHours` it does not end while they last, with `businessHours` only while they do.
    """

    for_: Expr[CalendarDuration] | None = Field(default=None, alias="for")
    """`"90s"`, `"30m"`, `"24h"`, `"7d"`, `"PT30M"`; `"P1M"`, `"P1Y2M"`: months of the calendar, to the same
    time of the day. Or a template that gives seconds or one of these."""
    until: Expr[datetime] | None = None
    """ISO 8601; without an offset, in the flow's time zone. Or a template that gives one."""
    quiet_hours: Window | None = None
    """A delay that would end in these hours ends when they do."""
    business_hours: Window | None = None
    """A delay that would end outside of these hours ends when they begin."""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Delay":
        if (self.for_ is None) == (self.until is None):
            raise ValueError("a delay has either `for` or `until`")
        return self

    def check(self, _place: Place) -> Iterator[Issue]:
        """Some minute of the week must be left for it to end."""
        if never(*self._hours()):
            yield issue("DELAY_NEVER_ENDS", pointer="/quietHours")

    def lower(self, place: Place) -> Iterable[Step]:
        """One `sleep`; a moment that is known already is stored in UTC."""
        yield from self.going_on(place, [self._sleep(place)])

    def _sleep(self, place: Place) -> Sleep:
        quiet, business = self._hours()
        return Sleep(
            id=place.id(),
            node=place.node,
            seconds=self.for_,
            until=_absolute(self.until, place.timezone),
            quiet=quiet,
            business=business,
            to="!next",
        )

    def _hours(self) -> tuple[Hours | None, Hours | None]:
        windows = (self.quiet_hours, self.business_hours)
        quiet, business = (window.hours() if window else None for window in windows)
        return quiet, business


def _absolute(moment: datetime | str | None, timezone: str) -> str | None:
    if not isinstance(moment, datetime):
        return moment
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone) or UTC)
    return local.astimezone(UTC).isoformat()
