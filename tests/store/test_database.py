"""The pool, the schema and the ids."""

import asyncio

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from store.database import Database
from store.ids import new_id
from store.migrate import at_head, upgrade
from store.tables import flows, metadata
from store.workspaces import add, change, remove, rows
from wiring.embedded.database import create_database, drop_database
from wiring.embedded.postgres import Postgres

pytestmark = pytest.mark.real


async def test_the_migrations_make_exactly_the_tables(db: Database) -> None:
    def drift(connection):  # type: ignore[no-untyped-def]
        options = {"compare_server_default": True, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with db.connect() as connection:
        assert await connection.run_sync(drift) == []
    assert await at_head(db)


async def test_several_processes_may_migrate_an_empty_database_at_once(postgres: Postgres) -> None:
    dsn = await create_database(postgres.dsn, "empty", template="template1")
    db = await Database.open(dsn, size=1)
    try:
        assert not await at_head(db)
        await asyncio.gather(*(upgrade(dsn) for _ in range(4)))
        assert await at_head(db)
    finally:
        await db.close()
        await drop_database(postgres.dsn, "empty")


async def test_every_tenants_row_names_its_workspace(db: Database) -> None:
    without = {name for name, table in metadata.tables.items() if "workspace_id" not in table.c}
    assert without == {"plans"}


async def test_a_statement_of_one_workspace_does_not_touch_another(db: Database) -> None:
    flow = new_id()
    async with db.begin() as connection:
        await connection.execute(add(flows, "a", id=flow, key="k", name="A", ui_data={"x": [1, "\0"]}))
        await connection.execute(change(flows, "b").where(flows.c.id == flow).values(name="B"))
        await connection.execute(remove(flows, "b").where(flows.c.id == flow))
        assert (await connection.execute(rows(flows, "b"))).all() == []
        assert (
            await connection.execute(rows(flows, "a", flows.c.id, flows.c.name, flows.c.ui_data))
        ).all() == [(flow, "A", {"x": [1, ""]})]


async def test_a_connection_that_the_server_closed_is_replaced_unseen(db: Database) -> None:
    await asyncio.gather(*(db.fetchval("SELECT pg_sleep(0.05)") for _ in range(3)))
    killed = await db.fetchval(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    assert killed >= 2
    await asyncio.sleep(0.05)  # the end of each comes behind its last words
    assert await asyncio.gather(*(db.fetchval("SELECT 1") for _ in range(5))) == [1] * 5


async def fail_after_a_write(db: Database) -> None:
    """A transaction whose second statement fails."""
    async with db.transaction() as connection:
        await connection.execute("INSERT INTO plans (digest, format, plan) VALUES ('d', 1, '{}')")
        await connection.execute("SELECT 1 / 0")


async def test_a_failed_transaction_leaves_nothing_and_the_connection_goes_on(db: Database) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail_after_a_write(db)
    assert await db.fetchval("SELECT count(*) FROM plans") == 0
    assert await db.execute("INSERT INTO plans (digest, format, plan) VALUES ('d', 1, '{}')") == 1


async def test_errors_and_representations_hold_no_values_and_no_password(db: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with db.begin() as connection:
            await connection.execute(add(flows, "secret\0word", id=new_id(), key="k", name="A"))
    assert "word" not in str(failed.value)
    password = db.engine.url.password
    assert password
    assert str(password) not in repr(db)


async def test_a_server_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(OSError, match=r".+"):
        await Database.open("postgresql://nobody@127.0.0.1:9/none")


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(100)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 100


async def test_what_can_wait_leaves_half_of_the_connections_to_others(dsn: str) -> None:
    database = await Database.open(dsn, size=4)
    patient, lock = database.sharing(), "SELECT pg_advisory_xact_lock(7)"
    async with database.transaction() as holder:
        await holder.execute(lock)
        waiting = [asyncio.create_task(patient.fetchval(lock)) for _ in range(6)]
        async with asyncio.timeout(5):
            while database.pool()[0] < 3:  # noqa: ASYNC110  the others take them
                await asyncio.sleep(0.01)
            assert await database.fetchval("SELECT 1") == 1
        assert database.pool()[0] == 3
    await asyncio.gather(*waiting)
    assert patient.holder == database.holder
    await database.close()


async def test_what_can_wait_gives_back_its_place_when_it_fails(dsn: str) -> None:
    database = await Database.open(dsn, size=2)
    patient = database.sharing()
    for _ in range(3):
        with pytest.raises(asyncpg.UndefinedTableError):
            await patient.execute("DELETE FROM nothing_of_ours")
    assert await patient.fetchval("SELECT 1") == 1
    await database.close()
