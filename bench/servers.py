"""The servers under a bench, and what they used of the processor."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.cluster.server import prepare as prepare_cluster
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
    tcp_dsn: str
    temporal: str
    postgres_pid: int
    temporal_pid: int


class Running(NamedTuple):
    """A Temporal server: its address, its process."""

    address: str
    pid: int


Serving = Callable[[Path, Talk, str], AbstractAsyncContextManager[Running]]
"""A Temporal server on a folder of its own; the DSN is of the PostgreSQL beside it, by TCP."""


@asynccontextmanager
async def serving(folder: Path, backend: Backend, talk: Talk) -> AsyncIterator[Servers]:
    """Both, on a folder of their own."""
    database = await postgres.start(folder / backend)
    try:
        tcp = database.cluster.tcp_dsn
        async with TEMPORALS[backend](folder / backend, talk, tcp) as server:
            yield Servers(database.dsn, tcp, server.address, database.child.pid, server.pid)
    finally:
        await database.stop()


@asynccontextmanager
async def _on_file(folder: Path, talk: Talk, _dsn: str) -> AsyncIterator[Running]:
    server = await temporal.prepare(folder, talk=talk)
    async with running(server.part(), folder) as child:
        yield Running(server.address, child.pid)


@asynccontextmanager
async def _in_memory(folder: Path, talk: Talk, _dsn: str) -> AsyncIterator[Running]:
    server = await temporal.prepare(folder, talk=talk)
    async with running(in_memory(server.part()), folder) as child:
        yield Running(server.address, child.pid)


@asynccontextmanager
async def _on_postgres(folder: Path, talk: Talk, dsn: str) -> AsyncIterator[Running]:
    cluster = await prepare_cluster(folder, talk, dsn)
    async with running(cluster.part(), folder) as child:
        yield Running(cluster.address, child.pid)


TEMPORALS: Mapping[Backend, Serving] = {"memory": _in_memory, "file": _on_file, "postgres": _on_postgres}


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
