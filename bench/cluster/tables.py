"""Temporal's tables in a PostgreSQL of ours: its own schema, without what our PostgreSQL does not bring."""

import os
import re
import shutil
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bench.cluster.binaries import Programs
from wiring.embedded.database import create_database
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.fetch import helper

DATABASES = {"temporal": "temporal", "visibility": "temporal_visibility"}
"""Folder of the schema, and the database."""
WRITTEN_WITHIN = 120.0
# The wheel's PostgreSQL has no btree_gin, which GIN indexes over a CHAR column need. We have one namespace:
# without it these indexes find the same rows.
EXTENSION = re.compile(r"CREATE EXTENSION IF NOT EXISTS btree_gin;")
LED = re.compile(r"(USING GIN \()namespace_id, ")


async def write_tables(programs: Programs, dsn: str) -> None:
    """Make both of Temporal's databases on the server of `dsn` (one by TCP). Raises `EmbeddedError`."""
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(shutil.copytree(programs.schema, Path(folder) / "schema"))
        _rewrite(schema / "visibility")
        for name, database in DATABASES.items():
            await create_database(dsn, database)
            await _tool(programs, dsn, database, "setup-schema", "--version", "0.0")
            versions = str(schema / name / "versioned")
            await _tool(programs, dsn, database, "update-schema", "--schema-dir", versions)


def without_extension(schema: str) -> str:
    """The same tables for a PostgreSQL that has no btree_gin."""
    return LED.sub(r"\1", EXTENSION.sub("", schema))


def _rewrite(folder: Path) -> None:
    for file in folder.rglob("*.sql"):
        file.chmod(0o644)  # Go's copies are read-only
        file.write_text(without_extension(file.read_text()))


async def _tool(programs: Programs, dsn: str, database: str, *what: str) -> None:
    told = urlsplit(dsn)
    where = ("--endpoint", str(told.hostname), "--port", str(told.port), "--user", str(told.username))
    how = ("--plugin", "postgres12", "--database", database)
    env = os.environ | {"SQL_PASSWORD": unquote(told.password or "")}
    command = (str(programs.sql), *where, *how, *what)
    async with helper(*command, within=WRITTEN_WITHIN, env=env, output=PIPE) as process:
        said = b"".join(await process.communicate()).decode(errors="replace")
        if process.returncode != 0:
            raise EmbeddedError(f"Temporal's tables: {what[0]} failed: {said[-500:]}")
