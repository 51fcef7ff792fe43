"""The bench of USSD as small as it can be: both answer every step of every session, in time."""

from pathlib import Path

import pytest

from bench.ussd import LEAST, OURS, QUICK, SESSIONS, measured, table
from tests.servers import scratch_state_dir
from wiring.talk import QUIET

pytestmark = pytest.mark.real


async def test_both_answer_every_step_in_time() -> None:
    with scratch_state_dir() as folder:
        made = await measured(Path(folder), QUICK, QUIET)
    assert [run.contestant for run in made.runs] == [OURS, LEAST]
    assert [(run.answers, run.safe) for run in made.runs] == [(4 * SESSIONS, 0)] * 2
    assert all(0 < run.p50 <= run.p95 <= run.p99 <= run.longest for run in made.runs)
    assert table(made).row_count == 3
