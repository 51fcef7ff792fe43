"""Brings the schema to the newest revision; any number of processes may try at once."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database, engine_for

LOCK = 7_236_541_001
"""Key of the advisory lock that lets one process migrate and the others wait."""
LOCK_WAIT = "60s"


async def upgrade(dsn: str) -> None:
    """Migrate the database to head; does nothing where it is there already."""
    engine = engine_for(dsn, 1)
    try:
        async with engine.begin() as connection:
            await _alone(connection)
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def at_head(db: Database) -> bool:
    """Whether the database has exactly the schema of this release."""
    async with db.connect() as connection:
        known = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        rows = await connection.scalars(text("SELECT version_num FROM alembic_version")) if known else ()
        return set(rows) == set(ScriptDirectory.from_config(_config()).get_heads())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


async def _alone(connection: AsyncConnection) -> None:
    # The lock ends with the transaction, so a process that dies while migrating leaves nothing behind.
    await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
