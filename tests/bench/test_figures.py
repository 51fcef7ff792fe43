"""Ratios are made within a repetition; what is measured is what is written."""

from collections import Counter

from rich.console import Console

from bench.figures import Figures, Floor, Ratio, Ratios, Waits, percentile
from bench.measure import actions_of
from bench.report import report
from bench.table import line, tables


def run(contestant: str, repetition: int, speed: float, **more: float) -> Figures:
    costs = {"server_cpu": 20.0, "worker_cpu": 10.0, "front_cpu": 5.0, "postgres_cpu": 5.0, "load_cpu": 1.0}
    turns = {"turn_p50": 10.0, "turn_p95": 20.0, "turn_p99": 30.0}
    closed = {f"closed_{name}": 2 * value for name, value in turns.items()}
    counts = {"events": 19, "workflow_tasks": 3, "actions": 7, "history_bytes": 3000, "postgres_bytes": 9000}
    return Figures.model_validate(
        {
            "contestant": contestant, "backend": "memory", "repetition": repetition,
            "conversations_per_second": speed, "transactions": 14.0, "commits": 12.0,
            **turns, **closed, **costs, **counts, **more,
        }
    )  # fmt: skip


def waits(contestant: str, repetition: int, p99: float) -> Waits:
    return Waits(
        contestant=contestant, repetition=repetition, answers=80, p50=10, p95=20, p99=p99, longest=2 * p99,
        beyond_cap=0, safe=0,
    )  # fmt: skip


RUNS = [
    run("ours", 0, 40.0),
    run("hand", 0, 20.0, events=53, server_cpu=50.0),
    run("hand", 1, 10.0, events=53, server_cpu=50.0),  # the machine was slow
    run("ours", 1, 30.0),
    run("ours", 2, 50.0),
    run("hand", 2, 20.0, events=53, server_cpu=50.0),
]
PEER = run("dbos", 0, 10.0, server_cpu=0, events=0, workflow_tasks=0, actions=0, history_bytes=0)
USSD = [waits("ours", 0, 60), waits("least", 0, 20), waits("least", 1, 100), waits("ours", 1, 100)]
FLOOR = Floor(
    name="start and complete", repetition=0, per_second=120, each_p50=5, each_p95=9, each_p99=12,
    server_cpu=10, worker_cpu=2, load_cpu=1, events=5, workflow_tasks=1,
)  # fmt: skip


def test_a_ratio_is_the_median_of_the_repetitions_with_its_spread() -> None:
    ratios = report(RUNS).ratios["vs_hand"]
    assert isinstance(ratios, Ratios)
    assert ratios.conversations_per_second.median == 2.5
    assert ratios.conversations_per_second.spread == (2.0, 3.0)
    assert ratios.server_cpu.median == 0.4
    assert ratios.events.median == 0.358


def test_the_report_names_its_ratios_as_its_readers_know_them() -> None:
    written = report(RUNS).model_dump(mode="json")
    assert {"ratios", "file_ratios", "runs"} <= set(written)
    names = {"conversations_per_second", "turn_p95", "server_cpu", "events"}
    assert set(written["ratios"]["vs_hand"]) == names
    assert written["ratios"]["vs_hand"]["events"] == {"median": 0.358, "spread": [0.358, 0.358]}
    assert written["file_ratios"] == {}


def test_callers_of_ussd_wait_so_many_times_as_long_as_at_the_floor() -> None:
    assert report(RUNS, [], USSD).ratios["ussd_p99_vs_floor"] == Ratio(median=2.0, spread=(1.0, 3.0))


def test_a_peer_is_compared_by_what_it_has_in_common() -> None:
    made = report([*RUNS, PEER])
    assert set(made.ratios) == {"vs_hand"}
    assert made.peer_ratios["vs_dbos"].conversations_per_second.median == 4.0
    assert made.peer_ratios["vs_dbos"].cpu.median == 2.0


def test_people_see_medians_and_ratios() -> None:
    console = Console(width=170, record=True, quiet=False, file=None)
    with console.capture() as captured:
        for table in tables(report([*RUNS, PEER], [FLOOR], USSD)):
            console.print(table)
    shown = captured.get()
    assert "2.5 [2 to 3]" in shown
    assert "2 [1 to 3]" in shown
    assert "ours vs_dbos" in shown
    assert "120" in shown
    assert line(RUNS[0]).startswith("memory 1 ours")
    assert line(FLOOR).startswith("floor 1 start and complete")
    assert line(USSD[1]).startswith("USSD 1 least")


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
