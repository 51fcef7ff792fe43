"""Telling a database that does not answer from a statement that is wrong."""

import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_GONE = (
    OSError,
    TimeoutError,
    InterfaceError,
    OperationalError,
    DisconnectionError,
    PoolTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
)


def unreachable(error: BaseException) -> bool:
    """Whether the database did not answer, so that the same may succeed later."""
    return isinstance(error, _GONE) or (isinstance(error, DBAPIError) and error.connection_invalidated)
