"""A bench as small as it can be: all contestants hold the same conversations, and each is measured."""

from pathlib import Path

import pytest

from bench.bench import bench
from bench.contestants import contestants
from bench.figures import Figures, report
from bench.measure import Size
from tests.servers import scratch_state_dir
from wiring.talk import QUIET

pytestmark = pytest.mark.real


async def test_every_contestant_holds_its_conversations_and_is_measured() -> None:
    told: list[Figures] = []
    with scratch_state_dir() as folder:
        runs = await bench(
            Path(folder), ("memory",), Size(closed=4, open=3, repetitions=1), QUIET, told.append
        )
    assert told == runs
    assert [run.contestant for run in runs] == [one.name for one in contestants("x")]
    ours, hand, best = runs
    assert (ours.workflow_tasks, ours.events <= 19, ours.actions <= 7) == (3, True, True)
    assert hand.events > 40
    assert best.workflow_tasks <= hand.workflow_tasks
    assert set(report(runs).ratios) == {"vs_hand", "vs_hand_best"}
    assert all(run.server_cpu > 0 and run.turn_p95 >= run.turn_p50 > 0 for run in runs)
