"""One `tembea dev` for the tests of this folder."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from tests.packages.installing import GREETING, install, record
from tests.servers import scratch_state_dir
from tests.system.local import Dev, running_dev
from tests.system.office import Office, opened_office
from torture.raw import Raw, answer, serving

SHOP = {"A-17": b'{"status": "on its way"}'}
"""What the shop knows; it hangs up on whoever asks after `away`."""


async def _answer(asked: bytes, writer: asyncio.StreamWriter) -> None:
    """As the examples' mocks do."""
    found = re.match(rb"GET /(?P<shop>[a-z]+)/orders/(?P<order>[\w-]+) ", asked)
    if found is None or found["shop"] == b"away":
        writer.close()
        return
    order = SHOP.get(found["order"].decode())
    writer.write(answer(200 if order else 404, order or b"{}", content_type="application/json"))


@pytest.fixture(scope="package")
async def shop() -> AsyncIterator[Raw]:
    """The shop that the examples' flows ask."""
    async with serving(_answer) as raw:
        yield raw


@pytest.fixture(scope="package")
async def dev(shop: Raw) -> AsyncIterator[Dev]:
    """A first start, where one package brings a kind and another one that cannot be used.

    Flows may ask the shop.
    """
    with scratch_state_dir() as folder:
        site = install(GREETING, folder / "site")
        (site / "tembea_broken.py").write_text("import no_such_module\n")
        record(site, "tembea-broken", "0.1", {"broken": "tembea_broken"})
        async with running_dev(folder, PYTHONPATH=str(site), TEMBEA_SAFE_HTTP_ALLOW=shop.here) as running:
            yield running


@pytest.fixture(scope="package")
async def office(dev: Dev) -> AsyncIterator[Office]:
    """The same, with a flow that minds its inbox."""
    async with opened_office(dev) as office:
        yield office
