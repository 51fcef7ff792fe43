"""Fixtures: a furnished installation, and a way to open one with other settings."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.emulators.chatwoot.desk import Desk

OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk() -> AsyncIterator[OpenDesk]:
    """Open a desk with settings of the emulator, e.g. `profile="v4.3"`; closed after the test."""
    desks: list[Desk] = []

    async def opened(**settings: object) -> Desk:
        desks.append(Desk(**settings))
        return await desks[-1].open()

    yield opened
    for desk in desks:
        await desk.close()


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    return await open_desk()
