"""A backup of a running PostgreSQL, every database at one moment, and the way back to it."""

import asyncio
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

from wiring.embedded.errors import EmbeddedError
from wiring.embedded.fetch import helper
from wiring.embedded.postgres import CLEAN_ENVIRONMENT, Cluster

WITHIN = 120.0


async def back_up(cluster: Cluster) -> Path:
    """The folder of a backup as of its end, taken while all go on. Raises `EmbeddedError`."""
    target = cluster.home / "backup"
    how = ("--wal-method=stream", "--checkpoint=fast", "--no-sync", f"--pgdata={target}")
    command = (str(cluster.programs / "pg_basebackup"), f"--dbname={cluster.tcp_dsn}", *how)
    async with helper(*command, within=WITHIN, env=CLEAN_ENVIRONMENT, output=PIPE) as process:
        said = b"".join(await process.communicate()).decode(errors="replace")
        if process.returncode != 0:
            raise EmbeddedError(f"pg_basebackup failed: {said[-500:]}")
    return target


async def put_back(cluster: Cluster, backup: Path) -> None:
    """Let the backup be the data; the server must be down."""
    await asyncio.to_thread(_put_back, cluster, backup)


def _put_back(cluster: Cluster, backup: Path) -> None:
    shutil.rmtree(cluster.data)
    backup.rename(cluster.data)
    if cluster.account:
        for path in (cluster.data, *cluster.data.rglob("*")):
            shutil.chown(path, cluster.account.uid, cluster.account.gid)
