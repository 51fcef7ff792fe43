"""Random flows and random events: the walker says and records what the reference interpreter says."""

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model.dice import Dice, throws
from tests.model.judging import divergence

COMMIT = 300
"""Examples of a commit; always the same ones."""


@pytest.mark.timeout(0)
def test_the_walker_agrees_with_the_reference_in_every_mode(examples: int | None) -> None:
    @settings(
        max_examples=examples or COMMIT,
        derandomize=examples is None,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(dice=throws)
    def agree(dice: Dice) -> None:
        differs = divergence(dice)
        assert differs is None, differs

    agree()


def test_the_reference_shares_no_code_with_what_it_judges() -> None:
    own = ("reference", "timeline", "words", "case")
    trees = [ast.parse((Path(__file__).parent / f"{name}.py").read_text()) for name in own]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    house = ("dsl", "workflows", "compiler", "activities", "providers", "store", "wiring", "intake", "api")
    assert {name for name in imported if name.partition(".")[0] in house} == {"dsl.spec"}
    assert {name for name in imported if name.startswith("tests.")} <= {f"tests.model.{name}" for name in own}
