"""A dozen conversations while parts are killed and the provider spoils calls; then all is accounted for."""

import json
from datetime import timedelta
from logging import getLogger
from pathlib import Path

import pytest

from tests.faults.checker.folder import load
from tests.faults.checker.verdict import judged
from tests.faults.torture.run import torture

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

log = getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""A run waits much longer than that for its last conversation."""
FIRST_SEED = 1


async def test_nothing_is_lost_or_doubled_while_parts_die_and_a_provider_fails(
    tmp_path: Path, examples: int | None
) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + (examples or 1)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        await torture(seed, folder)
        verdict = await judged(load(folder), patience=PATIENCE)
        told = json.dumps(verdict, indent=1)
        log.info("%s", told)
        assert verdict["valid"], f"seed {seed} proves nothing\n{told}"
        assert not any(verdict["figures"].values()), f"seed {seed}\n{told}"
