"""One `tembea dev` for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.servers import scratch_state_dir
from tests.system.local import Dev, running_dev
from tests.system.office import Office, opened_office


@pytest.fixture(scope="package")
async def dev() -> AsyncIterator[Dev]:
    """A first start."""
    with scratch_state_dir() as folder:
        async with running_dev(folder) as running:
            yield running


@pytest.fixture(scope="package")
async def office(dev: Dev) -> AsyncIterator[Office]:
    """The same, with a flow that minds its inbox."""
    async with opened_office(dev) as office:
        yield office
