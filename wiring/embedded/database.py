"""Questions to a PostgreSQL server that need no tables of ours."""

import re
from urllib.parse import urlsplit, urlunsplit

import asyncpg

ANSWER_WITHIN = 2.0
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


async def answers(dsn: str) -> bool:
    """Whether the server at `dsn` lets us in and answers."""
    try:
        connection = await asyncpg.connect(dsn, timeout=ANSWER_WITHIN)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close(timeout=ANSWER_WITHIN)
    return True


async def create_database(dsn: str, name: str, *, template: str = "template1") -> str:
    """Make database `name` beside that of `dsn`, a copy of `template` which nobody uses; give its DSN.

    Names are lower-case letters, digits and `_`, else `ValueError`.
    """
    if not (PLAIN_NAME.fullmatch(name) and PLAIN_NAME.fullmatch(template)):
        raise ValueError(f"not a plain database name: {name!r} from {template!r}")
    await _execute(dsn, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def drop_database(dsn: str, name: str) -> None:
    """Drop database `name` of the server of `dsn`, whoever is connected to it."""
    if not PLAIN_NAME.fullmatch(name):
        raise ValueError(f"not a plain database name: {name!r}")
    await _execute(dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(statement, timeout=60)
    finally:
        await connection.close(timeout=ANSWER_WITHIN)
