"""Random flows and random events: the walker says and records what the reference interpreter says."""

import ast
from random import Random
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings

from dsl.plan import Step
from tests.model.dice import THROWS, Dice, throws
from tests.model.events import case_of
from tests.model.judging import divergence
from tests.model.world import plans_of
from torture.reference.interpreter import told
from wiring.files import ROOT

COMMIT = 300
"""Examples of a commit; always the same ones."""
SAMPLE = 200


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


def test_examples_come_to_every_step_and_to_whatever_may_happen_to_it() -> None:
    cases = [case_of(Dice(Random(seed).randbytes(THROWS))) for seed in range(SAMPLE)]
    accounts = [told(case) for case in cases]
    drawn = {
        step.op for case in cases[:40] for plan in plans_of(case)[1].values() for step in plan.steps.values()
    }
    exits = {line.exit for account in accounts for line in account.path}
    fates = {how for account in accounts for _, how in account.inputs}
    assert drawn == {step.model_fields["op"].default for step in get_args(get_args(Step)[0])}
    assert {"x", "joined", "abandoned", "body", "done", "limit", "failed", "interrupt", "error"} <= exits
    assert {"answer", "merged", "superseded", "rejected", "interrupt", "to_human", "owner"} <= fates
    assert {account.status for account in accounts} == {"completed", "failed", "expired", "cancelled"}


def test_the_reference_shares_no_code_with_what_it_judges() -> None:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "torture" / "reference").glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    house = ("dsl", "workflows", "compiler", "activities", "providers", "store", "wiring", "intake", "api")
    assert {name for name in imported if name.partition(".")[0] in house} == {"dsl.spec"}
    ours = {name for name in imported if name.startswith(("tests", "torture"))}
    assert all(name.startswith("torture.reference.") for name in ours)
