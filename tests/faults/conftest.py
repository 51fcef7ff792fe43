"""An emulated Chatwoot that takes any number of messages a minute."""

from collections.abc import AsyncIterator

import pytest

from tests.providers.chatwoot.desk import Desk, open_desk
from tests.servers import running_temporal
from wiring.embedded.temporal import Temporal


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Its own webhooks lead nowhere: tests send them."""
    async with open_desk() as desk:
        await desk.reset(settings={"messages_per_minute": 100_000})
        yield desk


@pytest.fixture
async def temporal() -> AsyncIterator[Temporal]:
    """A server of its own: runs that a test leaves open must not come to the next one's worker."""
    async with running_temporal() as server:
        yield server
