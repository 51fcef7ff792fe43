"""A database that nobody can reach for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

TEAR = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


class Outage:
    """Begins and ends as it is told; what is connected is torn when it begins."""

    def __init__(self, connection: asyncpg.Connection, database: str) -> None:
        self._connection = connection
        self._database = database

    async def begin(self) -> None:
        """From now on the server turns everybody away."""
        await self._allow(False)
        await self._connection.fetch(TEAR, self._database)

    async def end(self) -> None:
        """Everybody is let in again."""
        await self._allow(True)

    async def _allow(self, allowed: bool) -> None:
        await self._connection.execute(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS {allowed}')


@asynccontextmanager
async def outage_of(dsn: str) -> AsyncIterator[Outage]:
    """An outage of the database at `dsn` that has not begun."""
    place = urlsplit(dsn)
    connection = await asyncpg.connect(urlunsplit(place._replace(path="/postgres")))
    outage = Outage(connection, place.path.strip("/"))
    try:
        yield outage
    finally:
        await outage.end()
        await connection.close()
