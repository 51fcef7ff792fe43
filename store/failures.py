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
    asyncpg.InternalClientError,  # a connection that was told of its end, and has not come to it yet
)


def unreachable(error: BaseException) -> bool:
    """Whether the database did not answer, so that the same may succeed later."""
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    # What a server says at the door (it starts, it stops, it is full) only the driver's error tells.
    if isinstance(error, _GONE) or isinstance(told.__cause__, _GONE):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated
