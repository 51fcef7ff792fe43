"""A local Tembea as its user has it: the processes of `dev`, looked at from outside."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from store.database import Database
from tests.waiting import until
from wiring.files import ROOT
from wiring.supervise import record
from wiring.supervise.record import Record

PORTS = ("--port", "0", "--temporal-port", "0", "--ui-port", "0")
NAMED = ("DATABASE_URL", "TEMPORAL_", "CHATWOOT_", "AT_", "TEMBEA_BOOTSTRAP_API_KEY", "TEMBEA_KEYS")


def command(name: str, folder: Path, *more: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "wiring.cli", name, "--state-dir", str(folder), *PORTS, *more)


def environment(**env: str) -> dict[str, str]:
    """Ours, but it names no server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NAMED)}
    return {**kept, "COLUMNS": "500", **env}


def processes_of(folder: Path) -> list[str]:
    """The processes that were told of the folder, each as its command line."""
    return [" ".join(found.cmdline()) for found in psutil.process_iter() if _knows(found, str(folder))]


def _knows(process: psutil.Process, folder: str) -> bool:
    try:
        told = [*process.cmdline(), *process.environ().values()]
    except psutil.Error:
        return False
    return any(folder in word for word in told)


@dataclass(frozen=True)
class Dev:
    """A running `tembea dev`."""

    folder: Path
    process: asyncio.subprocess.Process

    def said(self) -> str:
        return (self.folder / "talk").read_text()

    def record(self) -> Record:
        found = record.read(self.folder)
        assert found, "dev.json is there while it runs"
        return found

    def url(self, part: str) -> str:
        url = self.record().parts[part].url
        assert url
        return url

    @property
    def first_key(self) -> str:
        return next(self._words("API key"))

    @property
    def curl(self) -> str:
        return next(line.strip() for line in self.said().splitlines() if line.strip().startswith("curl"))

    def _words(self, title: str) -> Iterator[str]:
        lines = (line.strip() for line in self.said().splitlines())
        yield from next(line for line in lines if line.startswith(title)).removeprefix(title).split()

    async def ready(self) -> None:
        await until(lambda: "Ctrl-C" in self.said() or self.process.returncode is not None, seconds=60)
        assert self.process.returncode is None, self.said()

    def kill(self, part: str) -> int:
        """Kill the part's process; its number."""
        return self.signal(part, signal.SIGKILL)

    def signal(self, part: str, number: signal.Signals) -> int:
        """Signal the part's process; its number."""
        pid = self.record().parts[part].pid
        os.kill(pid, number)
        return pid

    def environment(self, part: str = "worker") -> dict[str, str]:
        """What the part's process was told."""
        return psutil.Process(self.record().parts[part].pid).environ()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Its database, as its own processes reach it."""
        db = await Database.open(self.environment()["DATABASE_URL"])
        try:
            yield db
        finally:
            await db.close()

    async def again(self, part: str, dead: int) -> None:
        """Return when the part runs anew and is ready."""
        await until(lambda: self.record().parts[part].pid != dead, seconds=60)

    async def killed_and_back(self, *parts: str) -> None:
        """Kill them in one moment; return when all of them run anew and are ready."""
        dead = {part: self.kill(part) for part in parts}
        await asyncio.gather(*(self.again(part, pid) for part, pid in dead.items()))

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


@asynccontextmanager
async def running_dev(folder: Path, **env: str) -> AsyncIterator[Dev]:
    """`tembea dev` on the folder, ready; stopped with the block."""
    with (folder / "talk").open("w") as talk:
        process = await asyncio.create_subprocess_exec(
            *command("dev", folder), cwd=ROOT, env=environment(**env), stdout=talk, stderr=talk
        )
    dev = Dev(folder, process)
    try:
        await dev.ready()
        yield dev
    finally:
        await dev.stop()


@dataclass(frozen=True)
class Demo:
    """A demo that has ended."""

    code: int
    out: str
    talk: str

    @property
    def transcript(self) -> list[str]:
        return [line.strip() for line in self.out.splitlines()[:-1]]

    @property
    def result(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return loaded


async def run_demo(folder: Path, *more: str, **env: str) -> Demo:
    process = await asyncio.create_subprocess_exec(
        *command("demo", folder, *more),
        cwd=ROOT,
        env=environment(**env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(100):
        out, talk = await process.communicate()
    assert process.returncode is not None
    return Demo(process.returncode, out.decode(), talk.decode())
