"""The filters of templates: total functions over JSON values, frozen by golden vectors."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from dsl.model import Json

Filter = Callable[[Json, str | None], Json]
_BIGGEST = 10**300


def text_of(value: Json) -> str:
    """How a value reads inside a text: numbers without exponent, true/false, nothing for null, else JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value)
    return value if isinstance(value, str) else _json(value, None)


def number_of(value: Json) -> int | float | None:
    """The number a value is or spells; None when it is none (booleans are not numbers)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if value == value and abs(value) < _BIGGEST else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        spelled = float(value.strip().replace("_", "x"))
    except ValueError:
        return None
    if spelled != spelled or abs(spelled) >= _BIGGEST:
        return None
    return int(value) if value.strip().lstrip("+-").isdecimal() else spelled


def moment_of(value: Json) -> datetime | None:
    """The ISO 8601 date or time a text spells; None when it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def _number_text(value: int | float) -> str:
    if value != value or abs(value) >= _BIGGEST:
        return ""
    if isinstance(value, float) and not value.is_integer():
        return format(Decimal(repr(value)), "f")
    return str(int(value))


def _json(value: Json, _: str | None) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, RecursionError):
        return ""


def _default(value: Json, argument: str | None) -> Json:
    return (argument or "") if value is None or value == "" else value


def _title(value: Json, _: str | None) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text_of(value).split(" "))


def _truncate(value: Json, argument: str | None) -> str:
    size = max(1, int(argument)) if argument and argument.isdecimal() and len(argument) < 6 else 100
    text = text_of(value)
    return text if len(text) <= size else text[: size - 1] + "…"


def _number(value: Json, argument: str | None) -> Json:
    number = number_of(value)
    if number is None or not argument or not argument.isdecimal() or len(argument) > 2:
        return number
    return f"{number:.{int(argument)}f}"


def _date(value: Json, argument: str | None) -> str:
    moment = moment_of(value)
    if moment is None:
        return ""
    parts = {
        "YYYY": f"{moment.year:04}",
        "MM": f"{moment.month:02}",
        "DD": f"{moment.day:02}",
        "HH": f"{moment.hour:02}",
        "mm": f"{moment.minute:02}",
        "ss": f"{moment.second:02}",
    }
    pattern = argument or "YYYY-MM-DD"
    for token, digits in parts.items():
        pattern = pattern.replace(token, digits)
    return pattern


def _join(value: Json, argument: str | None) -> str:
    between = ", " if argument is None else argument
    return between.join(text_of(item) for item in value) if isinstance(value, list) else text_of(value)


def _length(value: Json, _: str | None) -> int:
    return len(value) if isinstance(value, str | list | Mapping) else 0


def _at(index: int) -> Filter:
    def pick(value: Json, _: str | None) -> Json:
        return value[index] if isinstance(value, str | list) and value else None

    return pick


def _plural(value: Json, argument: str | None) -> str:
    one, _, many = (argument or ",s").partition(",")
    return one if number_of(value) == 1 else many


def _plus(value: Json, argument: str | None) -> Json:
    number, more = number_of(value), number_of(argument)
    return None if number is None or more is None else number_of(number + more)


def _current(value: Json, _: str | None) -> Json:
    """The item of `{items, index}`: a loop's, in its turn."""
    items, index = (value.get("items"), value.get("index")) if isinstance(value, Mapping) else (None, None)
    if not isinstance(items, list) or not isinstance(index, int) or isinstance(index, bool):
        return None
    return items[index] if 0 <= index < len(items) else None


FILTERS: dict[str, Filter] = {
    "default": _default,
    "upper": lambda value, _: text_of(value).upper(),
    "lower": lambda value, _: text_of(value).lower(),
    "title": _title,
    "trim": lambda value, _: text_of(value).strip(),
    "truncate": _truncate,
    "number": _number,
    "date": _date,
    "json": _json,
    "join": _join,
    "length": _length,
    "first": _at(0),
    "last": _at(-1),
    "urlencode": lambda value, _: quote(text_of(value), safe="", errors="replace"),
    "plural": _plural,
    "plus": _plus,
    "current": _current,
}
