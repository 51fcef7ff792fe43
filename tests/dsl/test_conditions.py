"""Conditions always come to a verdict."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dsl.conditions import Comparison, Condition, Operator, holds
from tests.dsl.test_templates import values

conditions: TypeAdapter[Any] = TypeAdapter(Condition)
YES, NO = {"left": 1, "operator": "eq", "right": 1}, {"left": 1, "operator": "eq", "right": 2}


@settings(max_examples=300)
@given(st.sampled_from(get_args(Operator)), values, values)
def test_any_operator_decides_over_any_two_values(operator: Any, left: Any, right: Any) -> None:
    comparison = Comparison(left="{{left}}", operator=operator, right="{{right}}")
    scope = {"left": left, "right": right}
    assert holds(comparison, scope) is holds(comparison, scope)


def test_values_nested_beyond_recursion_are_not_equal() -> None:
    one: Any = 1
    other: Any = 1
    for _ in range(100_000):
        one, other = [one], [other]
    scope = {"left": one, "right": other}
    assert not holds(Comparison(left="{{left}}", operator="eq", right="{{right}}"), scope)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (YES, True),
        (NO, False),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, NO]}, False),
        ({"all": []}, True),
        ({"any": [NO, YES]}, True),
        ({"any": [NO, NO]}, False),
        ({"any": []}, False),
        ({"not": NO}, True),
        ({"not": {"all": [YES, {"any": [YES]}]}}, False),
    ],
)
def test_conditions_combine(written: Any, verdict: bool) -> None:
    assert holds(conditions.validate_python(written), {}) is verdict


@pytest.mark.parametrize("written", [YES, {"all": [YES]}, {"any": [{"not": NO}]}])
def test_a_condition_is_written_as_it_was_read(written: Any) -> None:
    condition = conditions.validate_python(written)
    again = conditions.validate_json(conditions.dump_json(condition, by_alias=True))
    assert again == condition


@pytest.mark.parametrize(
    "written",
    [
        None,
        "a",
        [],
        {},
        {"left": 1},
        {"all": 1},
        {"not": []},
        {"left": 1, "operator": "is"},
        {"all": [], "any": []},
    ],
)
def test_anything_else_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        conditions.validate_python(written)
