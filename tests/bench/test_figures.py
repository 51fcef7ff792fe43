"""Ratios are made within a repetition; what is measured is what is written."""

from collections import Counter

from rich.console import Console

from bench.figures import Figures, percentile, report
from bench.measure import actions_of
from bench.table import line, table


def run(contestant: str, repetition: int, speed: float, **more: float) -> Figures:
    costs = {"server_cpu": 20.0, "worker_cpu": 10.0, "front_cpu": 5.0, "postgres_cpu": 5.0}
    turns = {"turn_p50": 10.0, "turn_p95": 20.0, "turn_p99": 30.0}
    counts = {"events": 19, "workflow_tasks": 3, "actions": 7}
    return Figures.model_validate(
        {
            "contestant": contestant, "backend": "memory", "repetition": repetition,
            "conversations_per_second": speed, "transactions": 14.0, **turns, **costs, **counts, **more,
        }
    )  # fmt: skip


RUNS = [
    run("ours", 0, 40.0),
    run("hand", 0, 20.0, events=53, server_cpu=50.0),
    run("hand", 1, 10.0, events=53, server_cpu=50.0),  # the machine was slow
    run("ours", 1, 30.0),
    run("ours", 2, 50.0),
    run("hand", 2, 20.0, events=53, server_cpu=50.0),
]


def test_a_ratio_is_the_median_of_the_repetitions_with_its_spread() -> None:
    ratios = report(RUNS).ratios["vs_hand"]
    assert ratios.conversations_per_second.median == 2.5
    assert ratios.conversations_per_second.spread == (2.0, 3.0)
    assert ratios.server_cpu.median == 0.4
    assert ratios.events.median == 0.358


def test_the_report_names_its_ratios_as_its_readers_know_them() -> None:
    written = report(RUNS).model_dump(mode="json")
    assert set(written) == {"ratios", "file_ratios", "runs"}
    names = {"conversations_per_second", "turn_p95", "server_cpu", "events"}
    assert set(written["ratios"]["vs_hand"]) == names
    assert written["ratios"]["vs_hand"]["events"] == {"median": 0.358, "spread": [0.358, 0.358]}
    assert written["file_ratios"] == {}


def test_people_see_medians_and_ratios() -> None:
    console = Console(width=150, record=True, quiet=False, file=None)
    with console.capture() as captured:
        console.print(table(report(RUNS)))
    assert "2.5 [2 to 3]" in captured.get()
    assert line(RUNS[0]).startswith("memory 1 ours")


def test_percentiles_are_in_milliseconds() -> None:
    turns = [number / 1000 for number in range(1, 101)]
    assert (percentile(turns, 0.5), percentile(turns, 0.95), percentile([0.002], 0.99)) == (51.0, 96.0, 2.0)


def test_actions_are_counted_by_the_usual_billing_rules() -> None:
    ours = Counter(
        WORKFLOW_EXECUTION_STARTED=1, WORKFLOW_EXECUTION_SIGNALED=2, TIMER_STARTED=1,
        WORKFLOW_TASK_COMPLETED=3, MARKER_RECORDED=4, WORKFLOW_EXECUTION_COMPLETED=1,
    )  # fmt: skip
    assert actions_of(ours) == 7
    assert actions_of(Counter(WORKFLOW_EXECUTION_STARTED=1, ACTIVITY_TASK_SCHEDULED=6)) == 7
