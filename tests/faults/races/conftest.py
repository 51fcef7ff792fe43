"""Races are run on a road with a Chatwoot in memory, where a message takes up to 30 ms on its way."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from dsl.limits import Limits
from tests.faults.races.tries import Race
from tests.faults.road import Parlour, Road, opened_road
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create


@pytest.fixture
def limits() -> Limits:
    """Of the runs."""
    return Limits()


@pytest.fixture
async def road(dsn: str, temporal: Temporal, tmp_path: Path, limits: Limits) -> AsyncIterator[Road]:
    dice = Random(1)
    parlour = Parlour(lambda: dice.uniform(0, 0.03))
    keys = load_or_create(tmp_path, "")
    async with opened_road(dsn, temporal.address, parlour, keys, limits=limits) as road:
        yield road


@pytest.fixture
def race(request: pytest.FixtureRequest, examples: int | None) -> Race:
    return Race(request.node.nodeid, examples)
