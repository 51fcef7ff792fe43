"""The real servers that a test session shares, on a state folder of its own."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from store.migrate import upgrade
from wiring.embedded import postgres, temporal
from wiring.embedded.database import create_database, drop_database
from wiring.embedded.postgres import Postgres
from wiring.embedded.temporal import Settings, Temporal
from wiring.talk import Talk

UNSAFE = {**postgres.SETTINGS, "fsync": "off", "full_page_writes": "off"}
"""Only a crash of the machine could tell: whoever asks what a death of the server leaves is served as is."""

MEMORY, ROOM = Path("/dev/shm"), 4 << 30
"""Where Linux keeps files in memory; bytes that have to be free there.

ext4 looks at every inode of the last seconds before it takes one: with a database for each test, that took
up to three quarters of both processors.
"""
TEMPLATE = "migrated"
RESTLESS: Settings = {"history.workflowIdReuseMinimalInterval": "1ms"}
"""A server makes a run that continues within a second of its start wait for the rest: ours all do."""


@contextmanager
def scratch_state_dir() -> Iterator[Path]:
    """A new state folder for PostgreSQL's account to pass through (pytest's own folders are closed)."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="tembea-test-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def running_postgres() -> AsyncIterator[Postgres]:
    """PostgreSQL with an empty database; `.dsn` logs in as its superuser."""
    with scratch_state_dir() as folder:
        cluster = await asyncio.to_thread(postgres.prepare, folder, explicit=True)
        server = await postgres.serve(replace(cluster, settings=UNSAFE), folder)
        try:
            yield server
        finally:
            await server.stop()


class Copies:
    """Migrated databases, each for one test: while that runs the next is copied.

    In a thread, for the tests' own loop stands still between them, and time goes on.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._numbers = count()
        self._maker = ThreadPoolExecutor(1)
        self._next = self._maker.submit(self._copied)

    async def take(self) -> str:
        """The DSN of one that nobody has used."""
        made, self._next = self._next, self._maker.submit(self._copied)
        return await asyncio.wrap_future(made)

    async def give_back(self, dsn: str) -> None:
        """It is not used any more."""
        await drop_database(self._server, urlsplit(dsn).path.lstrip("/"))

    def close(self) -> None:
        """No more are copied."""
        self._maker.shutdown()

    def _copied(self) -> str:
        return asyncio.run(create_database(self._server, f"test_{next(self._numbers)}", template=TEMPLATE))


@asynccontextmanager
async def copies_of(server: Postgres) -> AsyncIterator[Copies]:
    """Copies of a database that is migrated once."""
    await upgrade(await create_database(server.dsn, TEMPLATE))
    copies = Copies(server.dsn)
    yield copies
    copies.close()


@asynccontextmanager
async def running_temporal(settings: Settings = RESTLESS) -> AsyncIterator[Temporal]:
    """A Temporal dev server; `.address` is for clients, `.ui_url` for people."""
    with scratch_state_dir() as folder:
        server = await temporal.start(folder, settings=settings, talk=Talk())
        try:
            yield server
        finally:
            await server.stop()
