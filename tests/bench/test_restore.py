"""A backup is what the databases were when it was taken; the drill's flow is one that can be published."""

from pathlib import Path

import asyncpg
import pytest

from bench.restore.backup import back_up, put_back
from bench.restore.drill import flow
from compiler.compile import compile_flow
from tests.servers import scratch_state_dir
from wiring.catalog import catalogue
from wiring.embedded import postgres
from wiring.embedded.postgres import Postgres


@pytest.mark.real
async def test_what_came_after_a_backup_is_gone_when_it_is_put_back() -> None:
    with scratch_state_dir() as folder:
        server = await postgres.start(Path(folder))
        try:
            await said(server, "CREATE TABLE words AS SELECT 'before' AS word")
            backup = await back_up(server.cluster)
            await said(server, "INSERT INTO words VALUES ('after')")
            assert await said(server, "SELECT word FROM words") == ["before", "after"]
        finally:
            await server.stop()
        await put_back(server.cluster, backup)
        server = await postgres.start(Path(folder))
        try:
            assert await said(server, "SELECT word FROM words") == ["before"]
        finally:
            await server.stop()


async def said(server: Postgres, statement: str) -> list[str]:
    connection = await asyncpg.connect(server.dsn)
    try:
        return [str(row[0]) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def test_the_flow_of_the_drill_compiles() -> None:
    assert compile_flow(flow(), catalogue()).errors == ()
