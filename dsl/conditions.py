"""Simple conditions: a total table of operators over rendered JSON values, frozen by golden vectors."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from dsl.filters import moment_of, number_of, text_of
from dsl.model import Authored, Json
from dsl.templates import Scope, render_deep

MOST_CODE = 16 * 1024
"""Characters of JavaScript."""

Operator = Literal[
    "eq", "neq", "gt", "gte", "lt", "lte", "between", "contains", "not_contains", "starts_with", "ends_with",
    "in", "not_in", "is_set", "is_empty", "is_true", "is_false", "before", "after", "has_type",
    "length_gt", "length_lt",
]  # fmt: skip

MATCHES: Literal["matches"] = "matches"
"""Whether a pattern (RE2) occurs in a text: decided by an activity, as JavaScript is."""


class Comparison(Authored):
    """`{"left": "{{age}}", "operator": "gte", "right": 18}`."""

    left: Json
    operator: Literal[Operator, "matches"]
    right: Json = None


class JavaScript(Authored):
    """`{"javascript": "vars.age >= 18"}`: an expression, or statements with a `return`."""

    javascript: str = Field(min_length=1, max_length=MOST_CODE)

    @field_validator("javascript")
    @classmethod
    def _holds_no_placeholder(cls, code: str) -> str:
        return without_placeholders(code)


def without_placeholders(code: str) -> str:
    """The code itself; ValueError where it has a placeholder: what people write would become code."""
    if "{{" in code:
        raise ValueError("placeholders are not filled in JavaScript: read `vars.name`; two braces are `{ {`")
    return code


class AllOf(Authored):
    """True when every part is; true when there is none."""

    all: list["Condition"] = Field(max_length=100)


class AnyOf(Authored):
    """True when at least one part is."""

    any: list["Condition"] = Field(max_length=100)


class Not(Authored):
    """True when its part is not."""

    not_: "Condition" = Field(alias="not")


def _form(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "all"
            if "all" in value
            else "any"
            if "any" in value
            else "not"
            if "not" in value
            else "javascript"
            if "javascript" in value
            else "comparison"
        )
    forms: dict[type, str] = {AllOf: "all", AnyOf: "any", Not: "not", JavaScript: "javascript"}
    return forms.get(type(value), "comparison")


Condition = Annotated[
    Annotated[Comparison, Tag("comparison")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[JavaScript, Tag("javascript")],
    Discriminator(_form),
]

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether a condition is true over a scope; never raises.

    What `matches` or is JavaScript is never true here: the compiler has made calls of `evaluate` of it.
    """
    match condition:
        case AllOf():
            return all(holds(part, scope) for part in condition.all)
        case AnyOf():
            return any(holds(part, scope) for part in condition.any)
        case Not():
            return not holds(condition.not_, scope)
        case JavaScript() | Comparison(operator="matches"):
            return False
        case Comparison():
            left, right = render_deep(condition.left, scope), render_deep(condition.right, scope)
            return _OPERATORS[condition.operator](left, right)


def _same(left: Json, right: Json) -> bool:
    """Equal values of one type; a number also equals the text that spells it."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) or isinstance(right, int | float):
        one, other = number_of(left), number_of(right)
        return one is not None and one == other
    try:
        return bool(left == right)
    except RecursionError:
        return False


def _ordered(test: Callable[[float, float], bool]) -> Callable[[Json, Json], bool]:
    def compare(left: Json, right: Json) -> bool:
        one, other = number_of(left), number_of(right)
        return one is not None and other is not None and test(one, other)

    return compare


def _between(left: Json, right: Json) -> bool:
    if not isinstance(right, list) or len(right) != 2:
        return False
    value, low, high = number_of(left), number_of(right[0]), number_of(right[1])
    return value is not None and low is not None and high is not None and low <= value <= high


def _contains(left: Json, right: Json) -> bool:
    if isinstance(left, list):
        return any(_same(item, right) for item in left)
    if isinstance(left, dict):
        return isinstance(right, str) and right in left
    return isinstance(left, str) and text_of(right) in left


def _among(left: Json, right: Json) -> bool:
    return isinstance(right, list) and any(_same(left, item) for item in right)


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _truth(value: Json) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _aware(value: Json) -> datetime | None:
    moment = moment_of(value)
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _earlier(left: Json, right: Json) -> bool:
    one, other = _aware(left), _aware(right)
    return one is not None and other is not None and one < other


def _length(value: Json) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0


TYPES: dict[str, Callable[[Json], bool]] = {
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "null": lambda v: v is None,
}

_OPERATORS: dict[str, Callable[[Json, Json], bool]] = {
    "eq": _same,
    "neq": lambda left, right: not _same(left, right),
    "gt": _ordered(lambda a, b: a > b),
    "gte": _ordered(lambda a, b: a >= b),
    "lt": _ordered(lambda a, b: a < b),
    "lte": _ordered(lambda a, b: a <= b),
    "between": _between,
    "contains": _contains,
    "not_contains": lambda left, right: not _contains(left, right),
    "starts_with": lambda left, right: isinstance(left, str) and left.startswith(text_of(right)),
    "ends_with": lambda left, right: isinstance(left, str) and left.endswith(text_of(right)),
    "in": _among,
    "not_in": lambda left, right: not _among(left, right),
    "is_set": lambda left, _: left is not None,
    "is_empty": lambda left, _: _empty(left),
    "is_true": lambda left, _: _truth(left) is True,
    "is_false": lambda left, _: _truth(left) is False,
    "before": _earlier,
    "after": lambda left, right: _earlier(right, left),
    "has_type": lambda left, right: isinstance(right, str) and right in TYPES and TYPES[right](left),
    "length_gt": lambda left, right: (n := number_of(right)) is not None and _length(left) > n,
    "length_lt": lambda left, right: (n := number_of(right)) is not None and _length(left) < n,
}
