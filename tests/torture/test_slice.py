"""A slice of the torture, by its own command: all is broken, and nothing is lost or doubled."""

import asyncio
import json
import sys
from logging import getLogger
from pathlib import Path

import pytest

from tests.system.local import environment
from wiring.files import ROOT

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

log = getLogger(__name__)

MINUTES = "1.4"
"""Of faults; with its start, its quiet end and its judgement about two and a half."""
FIRST_SEED = 1
PROBES = 40
"""Things tried that must not be possible."""


async def test_nothing_is_lost_or_doubled_while_everything_is_broken(
    tmp_path: Path, examples: int | None
) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + (examples or 1)):
        out = tmp_path / f"{seed}.json"
        code, said = await tortured("--seed", str(seed), "--minutes", MINUTES, "--out", str(out))
        log.info("%s", said)
        assert code == 0, said
        made = json.loads(out.read_text())
        assert made["totals"]["people"] >= 5
        assert sum("kill" in kind for kind in made["faults"]) >= 2
        assert made["report"]["probes"] >= PROBES


async def tortured(*asked: str) -> tuple[int, str]:
    """How `python -m torture` ends, and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "torture", *asked),
        cwd=ROOT,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said.decode()
