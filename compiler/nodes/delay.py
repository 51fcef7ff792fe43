"""delay: waits for a time."""

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import Field, model_validator

from compiler.zones import zone
from dsl.durations import Duration
from dsl.kind import Kind, Place
from dsl.plan import Sleep, Step
from dsl.templates import Expr


class Delay(Kind):
    """Waits for a duration, or until a moment, and goes on."""

    for_: Expr[Duration] | None = Field(default=None, alias="for")
    """`"90s"`, `"30m"`, `"24h"`, `"7d"`, `"PT30M"`, or a template that gives seconds."""
    until: Expr[datetime] | None = None
    """ISO 8601; without an offset, in the flow's time zone. Or a template that gives one."""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Delay":
        if (self.for_ is None) == (self.until is None):
            raise ValueError("a delay has either `for` or `until`")
        return self

    def lower(self, place: Place) -> Iterable[Step]:
        """One `sleep`; a moment that is known already is stored in UTC."""
        yield Sleep(
            id=place.id(),
            node=place.node,
            seconds=self.for_,
            until=_absolute(self.until, place.timezone),
            to="!next",
        )


def _absolute(moment: datetime | str | None, timezone: str) -> str | None:
    if not isinstance(moment, datetime):
        return moment
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone) or UTC)
    return local.astimezone(UTC).isoformat()
