"""When a delay is over: pure and total, for the walk."""

from datetime import datetime, timedelta

from dsl.durations import LONGEST, Span, after, seconds_of, span_of
from dsl.filters import moment_of
from dsl.hours import allowed
from dsl.model import Json
from dsl.plan import Sleep
from dsl.templates import Scope, render_deep
from dsl.zones import Zone


def woken(step: Sleep, scope: Scope, now: datetime, zone: Zone | None) -> tuple[datetime, int | None]:
    """When a sleep that begins now is over, and after how many seconds where that is all there is to it.

    What cannot be read as a time is over at once. `zone` is the plan's: None in one that knows no zones yet,
    where a moment without an offset is of `now`'s.
    """
    until, length = render_deep(step.until, scope), render_deep(step.seconds, scope)
    moment, seconds = _until(until, length, now, zone)
    if zone is None or (step.quiet is None and step.business is None):
        return moment, seconds
    moved = allowed(moment, zone, step.quiet, step.business)
    return moved, seconds if moved == moment else None


def _until(until: Json, length: Json, now: datetime, zone: Zone | None) -> tuple[datetime, int | None]:
    moment, span = moment_of(until), span_of(length) if zone else None
    if moment is not None:
        return _bounded(_aware(moment, now, zone), now), None
    if span is not None and span.months and zone is not None:
        return _bounded(_months_on(now, span, zone), now), None
    seconds = min(max(seconds_of(length), 0.0), LONGEST)
    return after(now, seconds), int(seconds)


def _aware(moment: datetime, now: datetime, zone: Zone | None) -> datetime:
    if moment.tzinfo is not None:
        return moment
    return zone.moment(moment) if zone else moment.replace(tzinfo=now.tzinfo)


def _bounded(moment: datetime, now: datetime) -> datetime:
    return after(now, (moment - now).total_seconds())


def _months_on(now: datetime, span: Span, zone: Zone) -> datetime:
    """The same day and time so many months on; the last day of a month that has no such day."""
    local = zone.local(now)
    years, month = divmod(local.month - 1 + span.months, 12)
    first = local.replace(year=local.year + years, month=month + 1, day=1)
    longest = ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return zone.moment(first.replace(day=min(local.day, longest))) + timedelta(
        seconds=min(span.seconds, LONGEST)
    )
