"""Kinds that go one of several ways: which way they go, walked step by step."""

from typing import Any

import pytest

from dsl.chance import drawn
from dsl.conditions import holds
from dsl.model import Json
from dsl.plan import Choose
from tests.compiler.documents import START, compiled, edge, flow

END = {"id": "end", "type": "end"}


def chooser(kind: str, config: dict[str, Json], *exits: str) -> Choose:
    """The one step of such a node, every exit connected."""
    nodes = [START, {"id": "it", "type": kind, "config": config}, END]
    result = compiled(flow(nodes, [edge("start", "it"), *(edge("it", "end", exit) for exit in exits)]))
    assert result.plan, result.errors
    step = result.plan.steps["it"]
    assert isinstance(step, Choose)
    return step


def way(step: Choose, **scope: Any) -> str:
    """The exit that the walk takes."""
    return next((case.to for case in step.cases if holds(case.condition, scope)), step.to)[1:]


@pytest.mark.parametrize(
    ("value", "exit"),
    [
        *[("gold", "vip"), (7, "seven"), ("7", "seven"), (7.0, "seven"), (True, "yes"), ("true", "yes")],
        *[(False, "no"), ("Gold", "default"), (None, "default"), ([], "default")],
    ],
)
def test_a_switch_on_a_value_goes_by_what_the_value_is_or_spells(value: Json, exit: str) -> None:
    cases = {"gold": "vip", "7": "seven", "true": "yes", "false": "no"}
    config = {"on": "{{contact.x}}", "cases": cases}
    step = chooser("switch", config, "vip", "seven", "yes", "no", "default")
    assert way(step, contact={"x": value}) == exit


def test_a_switch_with_conditions_goes_by_the_first_that_holds() -> None:
    older = [
        {"exit": exit, "condition": {"left": "{{contact.age}}", "operator": "gte", "right": age}}
        for exit, age in (("old", 60), ("adult", 18))
    ]
    step = chooser("switch", {"cases": older}, "old", "adult", "default")
    assert [way(step, contact={"age": age}) for age in (70, 30, 3)] == ["old", "adult", "default"]


def test_a_split_sends_as_many_each_way_as_its_weights_say() -> None:
    step = chooser("split", {"weights": {"b": 3, "a": 1, "never": 0}}, "a", "b", "never")
    taken = [way(step, **{"@": {"draw": drawn(f"execution-{n}", "it", 1)}}) for n in range(4_000)]
    assert set(taken) == {"a", "b"}
    assert 900 < taken.count("a") < 1_100


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1, "c": 1}, {"a": 0.1, "b": 0.2}, {"a": 1e9, "b": 1}])
def test_every_draw_of_a_split_goes_some_way(weights: dict[str, float]) -> None:
    step = chooser("split", {"weights": weights}, *weights)
    draws = (0.0, *(number / 1_000 for number in range(1_000)), 1 - 2**-48)
    assert {way(step, **{"@": {"draw": draw}}) for draw in draws} == set(weights)
