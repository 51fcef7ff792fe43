"""Fixtures: an application with its callbacks, and a way to open one with other settings."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.emulators.africastalking.shop import Shop

OpenShop = Callable[..., Awaitable[Shop]]


@pytest.fixture
async def open_shop() -> AsyncIterator[OpenShop]:
    """Open a shop with settings of the emulator, e.g. `ussd_length="paginate"`; closed after the test."""
    shops: list[Shop] = []

    async def opened(**settings: object) -> Shop:
        shops.append(Shop(**settings))
        return shops[-1]

    yield opened
    for shop in shops:
        await shop.close()


@pytest.fixture
async def shop(open_shop: OpenShop) -> Shop:
    return await open_shop()
