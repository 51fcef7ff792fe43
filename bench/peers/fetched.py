"""The peers' own programs, fetched once into the cache: nothing of theirs is among what Tembea needs."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from wiring.embedded.cache import cache_dir, claimed
from wiring.embedded.fetch import helper
from wiring.talk import Talk

PACKAGES = (
    "dbos==3.4.0", "restate-sdk==1.3.0", "hypercorn==0.18.0", "fastapi==0.165.0", "uvicorn==0.54.0",
    "httptools==0.9.0", "uvloop==0.23.0", "asyncpg==0.32.0", "orjson==3.13.0", "aiohttp==3.14.5",
)  # fmt: skip
SERVER = "@restatedev/restate-server@1.7.12"
WITHIN = 300.0


class PeersError(Exception):
    """A peer could not be fetched; the message says which, and what to do."""


async def python(talk: Talk) -> Path:
    """The Python that has both peers' packages; the first time they are fetched. Raises PeersError."""
    folder = cache_dir() / "peers"
    async with claimed(folder):
        program = folder / "venv" / "bin" / "python"
        if (folder / "packages").exists() and (folder / "packages").read_text() == _wanted():
            return program
        shutil.rmtree(folder / "venv", ignore_errors=True)
        await _run(
            talk, folder, "a virtual environment", (sys.executable, "-m", "venv", str(folder / "venv"))
        )
        install = (str(program), "-m", "pip", "install", "--quiet", *PACKAGES)
        await _run(talk, folder, "DBOS and Restate's SDK (PyPI)", install)
        (folder / "packages").write_text(_wanted())
    return program


async def restate_server(talk: Talk) -> Path:
    """Restate's server; the first time it is fetched (60 MB). Raises PeersError."""
    folder = cache_dir() / "peers" / SERVER.rpartition("@")[2]
    async with claimed(folder):
        if found := _server_in(folder):
            return found
        if shutil.which("npm") is None:
            raise PeersError("Restate's server comes from the npm registry and there is no npm here")
        install = (
            "npm",
            "install",
            "--prefix",
            str(folder),
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            SERVER,
        )
        await _run(talk, folder, "Restate's server (npm)", install)
        if found := _server_in(folder):
            return found
    raise PeersError(f"npm brought no Restate server for this machine into {folder}")


def _wanted() -> str:
    return "\n".join([sys.version, *PACKAGES])


def _server_in(folder: Path) -> Path | None:
    programs = folder.glob("node_modules/@restatedev/restate-server-*/bin/restate-server")
    return next((program for program in programs if os.access(program, os.X_OK)), None)


async def _run(talk: Talk, folder: Path, what: str, command: Sequence[str]) -> None:
    log = folder / "fetch.log"
    try:
        with log.open("ab") as output:
            fetching = helper(*command, within=WITHIN, env=dict(os.environ), output=output.fileno())
            async with talk.waiting(f"Fetching {what}"), fetching as process:
                done = await process.wait()
    except TimeoutError:
        raise PeersError(f"{what} did not come within {WITHIN:.0f} s, see {log}") from None
    if done != 0:
        raise PeersError(f"{what} could not be fetched, see {log}; is its registry reachable?")
