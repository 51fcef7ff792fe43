"""The operators' meaning is frozen: conditions are decided in the walk, and replayed."""

from itertools import chain
from typing import Any, get_args

from dsl.conditions import Comparison, Operator, holds
from tests.goldens import Golden


def outcome(operator: Any, left: Any, right: Any) -> bool:
    """The verdict on two values that come out of variables."""
    comparison = Comparison(left="{{left}}", operator=operator, right="{{right}}")
    return holds(comparison, {"left": left, "right": right})


def test_every_operator_decides_as_recorded(golden: Golden) -> None:
    for row in golden.load("conditions.json"):
        wrong = [pair for pair in row["holds"] if not outcome(row["operator"], *pair)]
        wrong += [pair for pair in row["fails"] if outcome(row["operator"], *pair)]
        assert wrong == [], row["operator"]


def test_every_operator_has_a_row_with_both_verdicts(golden: Golden) -> None:
    rows = {row["operator"]: row for row in golden.load("conditions.json")}
    assert set(rows) == set(get_args(Operator))
    assert all(row["holds"] and row["fails"] for row in rows.values())


def test_every_operator_gives_a_verdict_on_every_recorded_pair(golden: Golden) -> None:
    rows = golden.load("conditions.json")
    pairs = list(chain.from_iterable(row["holds"] + row["fails"] for row in rows))
    verdicts = {outcome(row["operator"], *pair) for row in rows for pair in pairs}
    assert verdicts == {True, False}
