"""The stand-in for the provider, and our clients of it."""

from collections.abc import AsyncIterator

import pytest

from providers.africastalking.client import AfricasTalking
from providers.africastalking.legacy import LegacyPayments
from tests.providers.africastalking.counter import Counter, client_of, open_counter, payments_of


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with open_counter() as opened:
        yield opened


@pytest.fixture
async def client(counter: Counter) -> AsyncIterator[AfricasTalking]:
    async with client_of(counter) as opened:
        yield opened


@pytest.fixture
async def payments(counter: Counter) -> AsyncIterator[LegacyPayments]:
    async with payments_of(counter) as opened:
        yield opened
