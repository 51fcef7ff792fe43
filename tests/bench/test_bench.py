"""A bench as small as it can be: all contestants hold the same conversations, and each is measured."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bench.bench import Plan, bench
from bench.contestants import contestants
from bench.figures import LEAST, OURS, Figures, Floor, Report, Waits
from bench.measure import Size
from bench.ussd import Size as Calls
from tests.servers import scratch_state_dir
from wiring.talk import QUIET

pytestmark = pytest.mark.real

SESSIONS, STEPS = 3, 4
SMALL = Plan(
    sizes={"memory": Size(closed=3, open=2, repetitions=1)},
    floor_calls=4,
    callers=Calls(rounds=1, repetitions=1, think=0.1, sessions=SESSIONS),
    warm_up=2,
)


class Made(NamedTuple):
    """A bench that was run, and what it told while it ran."""

    report: Report
    told: list[Figures | Floor | Waits]


@pytest.fixture(scope="module")
async def made() -> AsyncIterator[Made]:
    told = list[Figures | Floor | Waits]()
    with scratch_state_dir() as folder:
        yield Made(await bench(Path(folder), SMALL, QUIET, told.append), told)


async def test_every_contestant_holds_its_conversations_and_is_measured(made: Made) -> None:
    runs = made.report.runs
    assert [run.contestant for run in runs] == [one.name for one in contestants("x")]
    ours, hand, tuned, best = runs
    assert (ours.workflow_tasks, ours.events <= 19, ours.actions <= 7) == (3, True, True)
    assert hand.events > 40
    assert tuned.events > 40
    assert best.workflow_tasks <= hand.workflow_tasks
    assert ours.commits <= 14
    assert {run.commits for run in runs[1:]} == {3}  # one for each message
    assert all(run.turn_p95 >= run.turn_p50 > 0 and run.closed_turn_p50 > 0 for run in runs)
    assert all(run.history_bytes > 1_000 and run.load_cpu > 0 for run in runs)


async def test_the_floors_are_the_least_that_temporal_can_be_asked_for(made: Made) -> None:
    assert [(floor.name, floor.workflow_tasks, floor.events) for floor in made.report.floors] == [
        ("start and complete", 1, 5),
        ("update with start", 1, 7),
    ]
    assert all(floor.per_second > 0 and floor.each_p99 >= floor.each_p50 > 0 for floor in made.report.floors)


async def test_callers_of_ussd_are_answered_at_every_step_in_time(made: Made) -> None:
    assert [run.contestant for run in made.report.ussd] == [OURS, LEAST]
    assert [(run.answers, run.safe) for run in made.report.ussd] == [(STEPS * SESSIONS, 0)] * 2
    assert all(0 < run.p50 <= run.p95 <= run.p99 <= run.longest for run in made.report.ussd)


async def test_each_figure_is_told_as_it_is_measured_and_ratios_are_made_of_all(made: Made) -> None:
    assert made.told == [*made.report.runs, *made.report.floors, *made.report.ussd]
    against = {"vs_hand", "vs_hand_tuned", "vs_hand_best"}
    assert set(made.report.ratios) == {*against, "ussd_p99_vs_floor"}
