"""The two real servers under the supervisor."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

import asyncpg
import psutil
import pytest

from tests.servers import scratch_state_dir
from tests.waiting import until
from wiring.embedded import database, postgres, temporal
from wiring.files import ROOT
from wiring.supervise import record
from wiring.supervise.supervisor import supervised
from wiring.talk import QUIET

pytestmark = pytest.mark.real

# Starts both on a folder and waits to be killed.
DOOMED = """
import asyncio, pathlib, sys
from wiring.embedded import postgres, temporal
from wiring.supervise.supervisor import supervised
from wiring.talk import QUIET

async def main(folder):
    parts = postgres.prepare(folder, explicit=True).part(), (await temporal.prepare(folder)).part()
    async with supervised([parts], folder, QUIET):
        await asyncio.sleep(100)

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


def all_anew(now: record.Record | None, before: Mapping[str, record.PartRecord]) -> bool:
    return now is not None and all(now.parts[name].pid != part.pid for name, part in before.items())


async def test_servers_that_are_killed_come_back_at_their_addresses_with_their_data() -> None:
    with scratch_state_dir() as folder:
        cluster = postgres.prepare(folder, explicit=True)
        server = await temporal.prepare(folder)
        async with supervised([[cluster.part(), server.part()]], folder, QUIET) as running:
            connection = await asyncpg.connect(cluster.dsn)
            await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            before = running.record().parts
            for part in before.values():
                os.kill(part.pid, signal.SIGKILL)
            connection.terminate()
            await until(lambda: all_anew(record.read(folder), before), seconds=60)
            assert await temporal.answers(server.address)
            again = await asyncpg.connect(cluster.dsn)
            assert await again.fetchval("SELECT answer FROM kept") == 42
            await again.close()


async def test_after_a_kill_of_the_supervisor_the_next_start_has_both_again() -> None:
    with scratch_state_dir() as folder:
        doomed = await asyncio.create_subprocess_exec(sys.executable, "-c", DOOMED, str(folder), cwd=ROOT)
        await until(lambda: record.read(folder) is not None, seconds=60)
        left = record.read(folder)
        doomed.kill()
        await doomed.wait()
        cluster = postgres.prepare(folder, explicit=True)
        server = await temporal.prepare(folder)
        async with supervised([[cluster.part(), server.part()]], folder, QUIET):
            assert await database.answers(cluster.dsn)
            assert await temporal.answers(server.address)
            assert left
            assert not any(psutil.pid_exists(part.pid) for part in left.parts.values())
