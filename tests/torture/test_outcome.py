"""What a run came to, for machines and for people."""

import io
from collections import Counter
from typing import Any, get_args

import pytest
from rich.console import Console

from tests.faults.checker.planted import good
from torture.checker.facts import Facts, Figure
from torture.checker.validity import invalid
from torture.checker.verdict import report
from torture.nemesis.nemesis import Suffered
from torture.outcome import outcome, tables
from torture.run import Lived


def lived(*suffered: Suffered) -> Lived:
    return Lived(came=Counter(capture=3), suffered=list(suffered), waits=[0.5, 1.0, 9.0])


def made(*suffered: Suffered, facts: Facts | None = None, **found: int) -> dict[str, Any]:
    """What is made of a verdict in which so much was found; judging takes processes of its own."""
    of = facts or good()
    why = invalid(of)
    figures = {**dict.fromkeys(get_args(Figure), 0), **found}
    verdict = {"seed": 7, "valid": not why, "invalid": why, "figures": figures, "violations": {}}
    return outcome({**verdict, "report": report(of)}, of, lived(*suffered), 2)


def test_the_figures_of_all_invariants_stand_on_top_of_a_good_run() -> None:
    told = made()
    assert {name: told[name] for name in get_args(Figure)} == dict.fromkeys(get_args(Figure), 0)
    assert (told["good"], told["valid"], told["minutes"]) == (True, True, 2)
    assert told["answers"] == {"count": 3, "p50": 1.0, "p95": 9.0, "p99": 9.0, "max": 9.0}
    assert (told["totals"]["people"], told["totals"]["conversations"]) == (3, 1)


@pytest.mark.parametrize(
    ("found", "changes", "is_good", "valid"),
    [
        ({"leaks": 1}, {}, False, True),
        ({"unknown": 1}, {}, True, True),
        ({}, {"webhooks": []}, False, False),
    ],
)
def test_a_run_that_found_something_or_proves_nothing_is_not_good(
    found: dict[str, int], changes: dict[str, Any], is_good: bool, valid: bool
) -> None:
    told = made(facts=good(**changes), **found)
    assert (told["good"], told["valid"]) == (is_good, valid)


def test_recoveries_are_told_by_kind_and_those_above_the_goal_by_name() -> None:
    kills = [Suffered("kill api", True, seconds) for seconds in (1.0, 2.0, 16.0)]
    others = [Suffered("wire cut", True, 16.0), Suffered("kill worker", True, None)]
    told = made(*kills, *others)
    recovery = told["recovery"]
    assert recovery["kinds"]["kill api"] == {"count": 3, "p50": 2.0, "p95": 16.0, "p99": 16.0, "max": 16.0}
    assert recovery["kinds"]["all kills"]["count"] == 3
    assert recovery["over_goal"] == ["kill api", "kill worker"]
    assert told["faults"]["kill api"] == {"landed": 3}


def test_webhooks_that_were_not_acknowledged_are_a_share_of_all() -> None:
    facts = good()
    first, second = facts.webhooks
    spoilt = facts.model_copy(update={"webhooks": [first, second._replace(acknowledged=False)]})
    assert made(facts=spoilt)["webhooks"] == {
        "asked": 2, "error_rate": 0.5, "error_rate_outside_faults": 0.5,
    }  # fmt: skip


def test_people_see_every_figure_and_every_fault() -> None:
    console = Console(width=150, record=True, file=io.StringIO())
    for table in tables(made(Suffered("kill api", True, 1.0))):
        console.print(table)
    shown = console.export_text()
    assert [name for name in (*get_args(Figure), "kill api") if name not in shown] == []
