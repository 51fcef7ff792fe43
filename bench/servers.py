"""The servers under a bench, and what they used of the processor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bench.figures import Backend
from wiring.embedded import postgres, temporal
from wiring.files import open_state_dir
from wiring.supervise.child import Child
from wiring.supervise.child import start as start_child
from wiring.supervise.part import Part
from wiring.talk import Talk


@dataclass(frozen=True)
class Servers:
    """PostgreSQL and Temporal, running."""

    dsn: str
    temporal: str
    postgres_pid: int
    temporal_pid: int


@asynccontextmanager
async def serving(folder: Path, backend: Backend, talk: Talk) -> AsyncIterator[Servers]:
    """Both, on a folder of their own."""
    database = await postgres.start(folder / backend)
    try:
        server = await temporal.prepare(folder / backend, talk=talk)
        part = server.part() if backend == "file" else in_memory(server.part())
        async with running(part, folder / backend) as child:
            yield Servers(database.dsn, server.address, database.child.pid, child.pid)
    finally:
        await database.stop()


@asynccontextmanager
async def running(part: Part, folder: Path) -> AsyncIterator[Child]:
    """A process, ready; ended with the block."""
    child = await start_child(part, open_state_dir(folder) / "logs")
    try:
        await child.until_ready()
        yield child
    finally:
        await child.stop()


def in_memory(server: Part) -> Part:
    """The dev server without its file: everything is in memory."""
    argv = list(server.argv)
    at = argv.index("--db-filename")
    return replace(server, argv=(*argv[:at], *argv[at + 2 :]))


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and those that it has started."""
    parent = psutil.Process(pid)
    return sum(_used(process) for process in [parent, *parent.children(recursive=True)])


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
