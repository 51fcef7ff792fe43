"""A stage for each test that plays on real parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.database import Database
from tests.workflows.stage import Stage, staged
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create


@pytest.fixture
async def stage(db: Database, temporal: Temporal, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(db, temporal.address, load_or_create(tmp_path, "")) as made:
        yield made
