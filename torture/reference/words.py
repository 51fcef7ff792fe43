"""The reference's own reading of templates and conditions: the part of the language the model draws."""

import json
import re
from collections.abc import Mapping
from typing import Any

Json = Any
Names = Mapping[str, Json]

_PLACEHOLDER = re.compile(r"\{\{ *([\w.\-]+) *(?:\| *(default|upper)(?::'([^']*)')? *)?\}\}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def fill(value: Json, names: Names) -> Json:
    """Templates anywhere in a value; a text that is one placeholder keeps the value's type."""
    if isinstance(value, dict):
        return {key: fill(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value.strip())
    return _filled(whole, names) if whole else fill_text(value, names)


def fill_text(text: str, names: Names) -> str:
    """A text, whatever the values are; what a value says is never read as a template."""
    return _PLACEHOLDER.sub(lambda found: spell(_filled(found, names)), text)


def spell(value: Json) -> str:
    """A value inside a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _filled(found: re.Match[str], names: Names) -> Json:
    value: Json = names
    for part in found[1].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if found[2] == "upper":
        return spell(value).upper()
    if found[2] == "default" and value in (None, ""):
        return found[3] or ""
    return value


def number(value: Json) -> float | None:
    """The number a value is, or spells."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def same(left: Json, right: Json) -> bool:
    """Equal, of one type; a number equals the text that spells it."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) or isinstance(right, int | float):
        return number(left) is not None and number(left) == number(right)
    return bool(left == right)


def true(condition: dict[str, Json], names: Names) -> bool:
    """Whether a condition holds."""
    if "all" in condition:
        return all(true(part, names) for part in condition["all"])
    if "any" in condition:
        return any(true(part, names) for part in condition["any"])
    if "not" in condition:
        return not true(condition["not"], names)
    left, right = fill(condition["left"], names), fill(condition.get("right"), names)
    return _compared(condition["operator"], left, right)


def _compared(operator: str, left: Json, right: Json) -> bool:
    size = len(left) if isinstance(left, str | list | dict) else 0
    numbers = number(left), number(right)
    answers = {
        "eq": same(left, right),
        "neq": not same(left, right),
        "gt": None not in numbers and numbers[0] > numbers[1],  # type: ignore[operator]
        "contains": isinstance(left, str) and spell(right) in left,
        "is_set": left is not None,
        "is_empty": left is None or (isinstance(left, str | list | dict) and size == 0),
        "is_true": left is True or (isinstance(left, str) and left.strip().lower() == "true"),
        "is_false": left is False or (isinstance(left, str) and left.strip().lower() == "false"),
        "matches": operator == "matches" and re.search(spell(right), spell(left)) is not None,
        "length_gt": numbers[1] is not None and size > numbers[1],
    }
    if isinstance(left, list) and operator == "contains":
        return any(same(item, right) for item in left)
    if isinstance(left, dict) and operator == "contains":
        return isinstance(right, str) and right in left
    return answers[operator]
