"""Filters of lists: attribute keys, operators and the peculiar treatment of phone numbers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import unprocessable
from emulators.chatwoot.rows import Contact
from emulators.chatwoot.times import moment

Row = TypeVar("Row")
DAY = 86_400
COLUMNS = frozenset(
    {"name", "phone_number", "email", "identifier", "blocked", "created_at", "last_activity_at"}
)
ADDITIONAL = frozenset({"country_code", "city", "company"})
TEXT = frozenset({"equal_to", "not_equal_to", "contains", "does_not_contain"})
PRESENCE = frozenset({"is_present", "is_not_present"})
TIME = frozenset({"is_greater_than", "is_less_than", "days_before"})
OPERATORS: dict[str, frozenset[str]] = {
    "name": TEXT,
    "phone_number": TEXT | {"starts_with"},
    "email": TEXT,
    "identifier": frozenset({"equal_to", "not_equal_to"}),
    "country_code": frozenset({"equal_to", "not_equal_to"}),
    "city": TEXT,
    "company": TEXT,
    "labels": frozenset({"equal_to", "not_equal_to"}) | PRESENCE,
    "created_at": TIME,
    "last_activity_at": TIME,
    "blocked": frozenset({"equal_to", "not_equal_to"}),
}


class Condition(BaseModel):
    """One line of the filter; `query_operator` joins it to the next."""

    model_config = ConfigDict(extra="ignore")

    attribute_key: str
    filter_operator: str
    values: list[Any] | None = None
    query_operator: Literal["and", "or", "AND", "OR"] | None = None


class Filter(BaseModel):
    """The body of a filter request."""

    payload: list[Condition] = Field(min_length=1, max_length=50)


@dataclass(frozen=True)
class Columns(Generic[Row]):
    """What rows of one table can be filtered by: operators by key, keys of custom attributes, values."""

    operators: Mapping[str, frozenset[str]]
    custom: Collection[str]
    value: Callable[[Row, str], Any]

    def choose(self, rows: Iterable[Row], wanted: Filter, now: float) -> list[Row]:
        """The rows that fit; raises the 422 of an unknown key or operator. `and` binds before `or`."""
        for condition in wanted.payload:
            _check(self.operators, self.custom, condition)
        return [row for row in rows if self._fits(row, wanted.payload, now)]

    def _fits(self, row: Row, conditions: list[Condition], now: float) -> bool:
        groups: list[list[bool]] = [[]]
        for condition in conditions:
            groups[-1].append(_holds(self.value(row, condition.attribute_key), condition, now))
            if (condition.query_operator or "and").lower() == "or":
                groups.append([])
        return any(all(group) for group in groups if group)


def apply(emu: Emulator, account_id: int, wanted: Filter) -> list[Contact]:
    """The contacts that fit."""
    contacts = (row for row in emu.state.contacts.values() if row.account_id == account_id)
    return Columns(OPERATORS, emu.state.contact_attribute_keys, _actual).choose(contacts, wanted, emu.now())


def _check(operators: Mapping[str, frozenset[str]], custom: Collection[str], condition: Condition) -> None:
    key = condition.attribute_key
    if key not in operators and key not in custom:
        keys = ", ".join(sorted(operators))
        raise unprocessable(
            f"Invalid attribute key - [{key}]. The key should be one of [{keys}] or a custom attribute "
            "defined in the account."
        )
    allowed = operators.get(key, TEXT | TIME | PRESENCE)
    if condition.filter_operator not in allowed:
        names = ",".join(sorted(allowed))
        raise unprocessable(f"Invalid operator. The allowed operators for {key} are [{names}].")
    if condition.filter_operator not in PRESENCE and not condition.values:
        raise unprocessable(f"Invalid value. The values provided for {key} are invalid")


def _holds(actual: Any, condition: Condition, now: float) -> bool:
    key, operator = condition.attribute_key, condition.filter_operator
    if operator in PRESENCE:
        return bool(actual) == (operator == "is_present")
    wanted = [_wanted(key, operator, value) for value in condition.values or []]
    if operator in ("equal_to", "not_equal_to"):
        have = actual if isinstance(actual, list) else [_folded(actual)]
        return (not set(have).isdisjoint(wanted)) == (operator == "equal_to")
    if operator in _MEASURES:
        return actual is not None and _MEASURES[operator](actual, wanted[0], now)
    return _text_holds(operator, str(_folded(actual) or ""), str(wanted[0]))


def _text_holds(operator: str, actual: str, wanted: str) -> bool:
    if operator == "starts_with":
        return actual.startswith(wanted)
    return (wanted in actual) == (operator == "contains")


def _actual(row: Contact, key: str) -> Any:
    if key == "labels":
        return row.labels
    if key in COLUMNS:
        return getattr(row, key)
    source = row.additional_attributes if key in ADDITIONAL else row.custom_attributes
    return source.get(key)


def _wanted(key: str, operator: str, value: Any) -> Any:
    """The server puts a "+" before phone numbers, whether or not there is one already."""
    if key == "phone_number" and operator in ("equal_to", "not_equal_to", "starts_with"):
        return f"+{value}"
    if operator in ("is_greater_than", "is_less_than"):
        return moment(str(value))
    if operator == "days_before":
        return float(value)
    return _folded(value)


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


_MEASURES: dict[str, Callable[[Any, Any, float], bool]] = {
    "is_greater_than": lambda actual, wanted, _now: wanted is not None and actual > wanted,
    "is_less_than": lambda actual, wanted, _now: wanted is not None and actual < wanted,
    "days_before": lambda actual, wanted, now: actual < now - wanted * DAY,
}
