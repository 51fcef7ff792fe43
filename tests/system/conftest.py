"""One `tembea dev` for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.packages.installing import GREETING, install, record
from tests.servers import scratch_state_dir
from tests.system.local import Dev, running_dev
from tests.system.office import Office, opened_office


@pytest.fixture(scope="package")
async def dev() -> AsyncIterator[Dev]:
    """A first start, where one package brings a kind and another one that cannot be used."""
    with scratch_state_dir() as folder:
        site = install(GREETING, folder / "site")
        (site / "tembea_broken.py").write_text("import no_such_module\n")
        record(site, "tembea-broken", "0.1", {"broken": "tembea_broken"})
        async with running_dev(folder, PYTHONPATH=str(site)) as running:
            yield running


@pytest.fixture(scope="package")
async def office(dev: Dev) -> AsyncIterator[Office]:
    """The same, with a flow that minds its inbox."""
    async with opened_office(dev) as office:
        yield office
