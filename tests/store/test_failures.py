"""A database that does not answer is told from a statement that is wrong."""

import os
import signal

import asyncpg
import pytest

from store.database import Database
from store.failures import unreachable
from tests.servers import running_postgres

pytestmark = pytest.mark.real


async def test_a_server_that_is_shutting_down_is_one_that_does_not_answer() -> None:
    """It still serves those who are in, and turns away whoever comes."""
    async with running_postgres() as server:
        db = await Database.open(server.dsn, size=2)
        try:
            inside = await asyncpg.connect(server.dsn)
            async with db.bare():
                os.kill(server.pid, signal.SIGTERM)
                await inside.fetchval("SELECT pg_sleep(0.5)")
                with pytest.raises(Exception, match="shutting down") as turned_away:
                    await db.fetchval("SELECT 1")
            assert unreachable(turned_away.value)
            await inside.close()
        finally:
            await db.close()


def test_a_connection_that_is_just_being_ended_is_one_that_does_not_answer() -> None:
    """What asyncpg says of a statement between the server's last words and the end of the line."""
    assert unreachable(asyncpg.InternalClientError("cannot switch to state 11; another operation (2)"))


async def test_a_statement_that_is_wrong_is_no_reason_to_try_again(db: Database) -> None:
    for wrong in ("SELECT nothing", "SELECT 1/0"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await db.fetchval(wrong)
        assert not unreachable(error.value)
