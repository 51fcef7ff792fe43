"""The one door to PostgreSQL: an engine on asyncpg, whose pool the hot statements share as driver SQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.clock import Clock
from store.ids import new_id
from store.jsons import dumps, loads

STATEMENT_SECONDS = 30
CONNECT_SECONDS = 10
POOL_WAIT_SECONDS = 10

Rows = list[Any]
"""asyncpg records: read a column by name or place; uuid columns are text, jsonb columns are values."""


class Database:
    """A pool of connections to one database; `holder` names this process where it claims something."""

    def __init__(
        self, dsn: str, engine: AsyncEngine, holder: str | None = None, gate: asyncio.Semaphore | None = None
    ) -> None:
        self.dsn = dsn
        self.engine = engine
        self.holder = holder or new_id()
        self._gate = gate
        self._clock = Clock(lambda: self.fetchval("SELECT clock_timestamp()"))

    def __repr__(self) -> str:
        return f"Database({self.engine.url.render_as_string(hide_password=True)})"

    @classmethod
    async def open(cls, dsn: str, *, size: int = 10) -> "Database":
        """Open the pool and say hello: raises what asyncpg or the socket raises where nobody answers."""
        database = cls(dsn, engine_for(dsn, size))
        try:
            await database.fetchval("SELECT 1")
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def now(self) -> datetime:
        """The server's time, to some milliseconds, whatever this machine's clock says."""
        return await self._clock.now()

    def pool(self) -> tuple[int, int]:
        """Connections in use, and how many there may be."""
        pool: Any = self.engine.pool
        return pool.checkedout(), pool.size()

    def sharing(self) -> "Database":
        """The same for what can wait: its driver statements take half of the connections, and no more."""
        return Database(self.dsn, self.engine, self.holder, asyncio.Semaphore(max(1, self.pool()[1] // 2)))

    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A SQLAlchemy connection to read with; what it changes is rolled back unless it commits."""
        return self.engine.connect()

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A SQLAlchemy connection in a transaction: committed at the end, rolled back on an error."""
        return self.engine.begin()

    def bare(self) -> AbstractAsyncContextManager[Any]:
        """A bare asyncpg connection of the pool, each statement of it committed by itself."""
        return _Lent(self.engine, self._gate)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """A bare asyncpg connection of the pool in a transaction (READ COMMITTED)."""
        async with self.bare() as connection, connection.transaction():
            yield connection

    async def fetch(self, sql: str, *args: Any) -> Rows:
        """Every row of one driver statement (`$1` parameters; jsonb ones as text, see `jsons.dumps`)."""
        async with self.bare() as connection:
            return list(await connection.fetch(sql, *args))

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        """The first row of one driver statement, None where there is none."""
        async with self.bare() as connection:
            return await connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, None where there is none."""
        async with self.bare() as connection:
            return await connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one driver statement; give the number of rows it touched."""
        async with self.bare() as connection:
            last = str(await connection.execute(sql, *args)).rpartition(" ")[2]
        return int(last) if last.isdecimal() else 0


class _Lent:
    """A connection straight out of the pool: SQLAlchemy's own around it costs more than most statements."""

    __slots__ = ("_engine", "_gate", "_pooled")

    def __init__(self, engine: AsyncEngine, gate: asyncio.Semaphore | None) -> None:
        self._engine, self._gate = engine, gate

    async def __aenter__(self) -> Any:
        if self._gate:
            await self._gate.acquire()
        try:
            self._pooled = await self._engine.raw_connection()
        except BaseException:
            self._let_in()
            raise
        return self._pooled.driver_connection

    async def __aexit__(self, *_: object) -> None:
        self._pooled.close()
        self._let_in()

    def _let_in(self) -> None:
        if self._gate:
            self._gate.release()


def engine_for(dsn: str, size: int) -> AsyncEngine:
    """An engine of at most `size` connections, without a reset query and without pings."""
    engine = create_async_engine(
        dsn.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_reset_on_return=None,
        pool_use_lifo=True,  # each connection plans each statement anew, five times: few stay warm
        hide_parameters=True,
        json_serializer=dumps,
        json_deserializer=loads,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": STATEMENT_SECONDS,
            "server_settings": {"application_name": "tembea", "jit": "off", "timezone": "UTC"},
        },
    )
    event.listen(engine.sync_engine, "connect", _uuids_are_text)
    event.listen(engine.sync_engine, "checkout", _only_live)
    return engine


def _uuids_are_text(adapted: Any, _record: Any) -> None:
    async def teach(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str, format="text")

    adapted.run_async(teach)


def _only_live(adapted: Any, _record: Any, _proxy: Any) -> None:
    # A look at the socket's state instead of a ping: a round trip less for every statement.
    if adapted.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
