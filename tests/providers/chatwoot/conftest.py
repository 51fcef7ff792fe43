"""One emulator for the session, furnished anew for each test."""

from collections.abc import AsyncIterator

import pytest

from providers.chatwoot.client import Chatwoot
from tests.providers.chatwoot.desk import Desk, client_of, open_desk


@pytest.fixture(scope="session")
async def emulated() -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        yield desk


@pytest.fixture
async def desk(emulated: Desk) -> Desk:
    await emulated.reset()
    return emulated


@pytest.fixture
async def chatwoot(desk: Desk) -> AsyncIterator[Chatwoot]:
    async with client_of(desk) as client:
        yield client
