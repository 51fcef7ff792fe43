"""Hears PostgreSQL's notices on one connection beside the pool, and comes back when that is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from store.database import CONNECT_SECONDS, Database

RETRY_SECONDS = 1.0


@asynccontextmanager
async def listening(db: Database, channel: str, heard: Callable[[str], None]) -> AsyncIterator[None]:
    """Calls `heard` with the payload of every notice on a channel, from the first moment of the block.

    Notices sent while the connection is lost are not heard: whoever listens also looks from time to time.
    """
    first = await _connect(db, channel, heard)
    keeper = asyncio.create_task(_keep(db, channel, heard, first))
    try:
        yield
    finally:
        keeper.cancel()
        first.terminate()  # a keeper that never came to run could not, and the wait for it may be cut
        await asyncio.gather(keeper, return_exceptions=True)


async def _connect(db: Database, channel: str, heard: Callable[[str], None]) -> asyncpg.Connection:
    connection = await asyncpg.connect(db.dsn, timeout=CONNECT_SECONDS, command_timeout=CONNECT_SECONDS)
    try:
        await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: heard(payload))
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _keep(
    db: Database, channel: str, heard: Callable[[str], None], connection: asyncpg.Connection
) -> None:
    while True:
        try:
            await _until_lost(connection)
        finally:
            connection.terminate()
        connection = await _again(db, channel, heard)


async def _until_lost(connection: asyncpg.Connection) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _connection: lost.set())
    if not connection.is_closed():
        await lost.wait()


async def _again(db: Database, channel: str, heard: Callable[[str], None]) -> asyncpg.Connection:
    while True:
        await asyncio.sleep(RETRY_SECONDS)
        try:
            return await _connect(db, channel, heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
