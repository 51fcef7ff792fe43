"""The real servers that a test session shares, on a state folder of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from wiring.embedded import postgres, temporal
from wiring.embedded.postgres import Postgres
from wiring.embedded.temporal import Temporal
from wiring.talk import Talk


@contextmanager
def scratch_state_dir() -> Iterator[Path]:
    """A new state folder for PostgreSQL's account to pass through (pytest's own folders are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="tembea-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def running_postgres() -> AsyncIterator[Postgres]:
    """PostgreSQL with an empty database; `.dsn` logs in as its superuser."""
    with scratch_state_dir() as folder:
        server = await postgres.start(folder)
        try:
            yield server
        finally:
            await server.stop()


@asynccontextmanager
async def running_temporal() -> AsyncIterator[Temporal]:
    """A Temporal dev server; `.address` is for clients, `.ui_url` for people."""
    with scratch_state_dir() as folder:
        server = await temporal.start(folder, talk=Talk())
        try:
            yield server
        finally:
            await server.stop()
