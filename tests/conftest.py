"""What every test may ask for: golden files, and real servers that a session starts once."""

import gc
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from store.database import Database
from tests.order import ByFile, place
from tests.servers import Copies, copies_of, running_postgres, running_temporal
from wiring.embedded.postgres import Postgres
from wiring.embedded.temporal import Temporal

pytest_plugins = ["tests.goldens"]

# A busy machine is no fault: how long an example takes is never asserted.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# What collection makes stays to the end: whoever looked for garbage among it would look in vain.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is collected, but not among what is there."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first: none is left for the end, when other processors have nothing to do."""
    items.sort(key=lambda item: place(item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Who gives the files to processes, where there are several."""
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--examples N`: what a commit tries some times, tried more often."""
    parser.addoption(
        "--examples", type=int, help="tries of each race and random conversations of each model test"
    )


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int | None:
    """As many as were asked for; None where each test is to decide."""
    asked: int | None = request.config.getoption("--examples")
    return asked


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[Postgres]:
    """A PostgreSQL server."""
    async with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
async def copies(postgres: Postgres) -> AsyncIterator[Copies]:
    """Migrated databases on it."""
    async with copies_of(postgres) as made:
        yield made


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[Temporal]:
    """A Temporal server."""
    async with running_temporal() as server:
        yield server


@pytest.fixture
async def dsn(copies: Copies) -> AsyncIterator[str]:
    """The address of a migrated database that nobody else uses."""
    dsn = await copies.take()
    yield dsn
    await copies.give_back(dsn)


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """That database, open."""
    database = await Database.open(dsn, size=20)
    yield database
    await database.close()
