"""A Temporal server whose database is broken for good is told from one that is away, or well."""

import pytest

from tests.wiring.refusing import refusing
from wiring.embedded.temporal import Temporal, interrupted
from wiring.supervise.ports import LOOPBACK, free_port


@pytest.mark.real
async def test_a_server_that_serves_is_well(temporal: Temporal) -> None:
    assert not await interrupted(temporal.address)


async def test_a_server_whose_statements_are_all_interrupted_is_sick() -> None:
    async with refusing("GetCurrentExecution operation failed. Error: interrupted (9)") as address:
        assert await interrupted(address)


async def test_a_server_that_is_busy_or_away_is_not() -> None:
    """It passes, and a new start would only take longer."""
    async with refusing("shard status unknown") as address:
        assert not await interrupted(address)
    assert not await interrupted(f"{LOOPBACK}:{free_port()}")
