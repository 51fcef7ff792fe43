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
    if isinstance(error, DBAPIError):
        # What a server says at the door (it starts, it stops, it is full) only the driver's error tells.
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or isinstance(error, _GONE) or isinstance(cause, _GONE)
    return isinstance(error, _GONE)
