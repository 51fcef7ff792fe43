"""Answers that are dates and times, read at the walk's own time in the flow's zone; no clock is asked."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

from activities.answers import clock
from activities.answers.answer import Answer
from dsl.model import Json

MOST = 100
"""Characters of a date."""
LANGUAGES = ["en", "sw", "fr"]
YEARS = range(1900, 2200)
"""Years that people mean."""
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,6})?)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_DIGITS = re.compile(r"(?P<a>\d{1,2})([-/. ])(?P<b>\d{1,2})\2(?P<year>\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/. ])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
AHEAD = 20
"""Two digits are a year of this century up to so many years from now, of the last one beyond."""


def date(answer: Answer) -> Json:
    """ISO 8601. In digits the day comes first, as in East Africa and France; `friday` is the next one."""
    said = answer.said(MOST)
    if clock.read(said) is not None:
        return None
    found = _iso(said, answer) or _in_digits(said, answer)
    moment = found or _natural(said, answer, {"month", "day"})
    return moment.date().isoformat() if moment is not None and moment.year in YEARS else None


def time(answer: Answer) -> Json:
    """`HH:MM`, with seconds where they were written."""
    found = clock.read(answer.said(MOST))
    return found.isoformat("seconds" if found.second else "minutes") if found is not None else None


def moment(answer: Answer) -> Json:
    """ISO 8601 with the zone's offset; a time alone is the next one."""
    said = answer.said(MOST)
    iso = _iso(said, answer) if len(said) > len("2026-01-01") else None
    found = iso or _natural(said, answer, {"month", "day", "time"})
    return found.isoformat(timespec="seconds") if found is not None and found.year in YEARS else None


def _zone(answer: Answer) -> dt.tzinfo:
    try:
        return ZoneInfo(answer.zone) if answer.zone != "UTC" else dt.UTC
    except (KeyError, ValueError, OSError):
        return dt.UTC


def _iso(said: str, answer: Answer) -> dt.datetime | None:
    if not _ISO.fullmatch(said):
        return None
    try:
        found, zone = dt.datetime.fromisoformat(said.replace(" Z", "Z")), _zone(answer)
        return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _in_digits(said: str, answer: Answer) -> dt.datetime | None:
    """Day, month, year; month and day where it can be nothing else; a year of four digits may be first."""
    if first := _YEAR_FIRST.fullmatch(said):
        return _day(int(first["year"]), int(first["month"]), int(first["day"]))
    found = _DIGITS.fullmatch(said)
    if found is None:
        return None
    year, a, b = _year(found["year"], answer), int(found["a"]), int(found["b"])
    return _day(year, b, a) or _day(year, a, b)


def _spelled_out(said: str, answer: Answer) -> str:
    """A text with the digits of a day at its beginning in ISO form: a library has its own idea of them."""
    digits = _DIGITS.match(said)
    day = _in_digits(digits[0], answer) if digits else None
    return f"{day:%Y-%m-%d}{said[digits.end() :]}" if digits and day else said


def _year(written: str, answer: Answer) -> int:
    if len(written) == 4:
        return int(written)
    this = answer.now.year if isinstance(answer.now, dt.datetime) else 2000
    year = this - this % 100 + int(written)
    return year if year <= this + AHEAD else year - 100


def _day(year: int, month: int, day: int) -> dt.datetime | None:
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None


def _natural(said: str, answer: Answer, needed: set[str]) -> dt.datetime | None:
    """As the library reads it, if it found every part that is needed; what it would guess is no answer."""
    told = clock.told(_spelled_out(said, answer))
    if not isinstance(answer.now, dt.datetime) or answer.now.tzinfo is None or not told:
        return None
    zone = _zone(answer)
    settings = {
        "RELATIVE_BASE": answer.now.astimezone(zone).replace(tzinfo=None),
        "TIMEZONE": str(zone),
        "RETURN_AS_TIMEZONE_AWARE": True,
        "PREFER_DATES_FROM": "future",
        "PREFER_LOCALE_DATE_ORDER": False,
        "DATE_ORDER": "DMY",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    try:
        found = DateDataParser(languages=LANGUAGES, settings=settings).get_date_data(told)
    except Exception:  # whatever a library stumbles over in somebody's text is no date
        return None
    if found.date_obj is None or not needed <= set(found.parts):
        return None
    local: dt.datetime = found.date_obj
    return local.replace(tzinfo=zone, microsecond=0)
