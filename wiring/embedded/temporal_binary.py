"""Where the Temporal server comes from: named, on PATH, fetched before, downloaded, or built with Go."""

import asyncio
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wiring.embedded.cache import cache_dir, claimed
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.fetch import CLI, LOG, build, download, helper
from wiring.talk import Talk

OLDEST_SERVER = (1, 29)  # what CLI 1.5 carries; one built with Go knows only its server's version
SETTING = "TEMBEA_TEMPORAL_BIN"
VERSION_WITHIN = 10.0


@dataclass(frozen=True)
class Binary:
    """A Temporal server to run; `source` tells people where it was found."""

    path: Path
    server: str
    source: str


async def find_binary(talk: Talk, cache: Path | None = None) -> Binary:
    """The first of the ladder which works; it may be fetched, which takes minutes. Raises `EmbeddedError`."""
    folder = folder_in(cache or cache_dir())
    found = await at_hand(talk, folder)
    if found:
        return found
    async with claimed(folder):
        found = await _examined(folder / "temporal", "the cache") or await _fetched(folder, talk)
    if found:
        return found
    raise EmbeddedError(
        "no Temporal server: the download did not work and there is no Go to build it with (or that failed, "
        f"see {folder / LOG}). Install the Temporal CLI 1.5 or newer on PATH, "
        f"or name it in {SETTING}, or set TEMPORAL_ADDRESS"
    )


def folder_in(cache: Path) -> Path:
    """Where the cache keeps the version we fetch."""
    return cache / f"temporal-{CLI.removeprefix('v')}"


async def at_hand(talk: Talk, folder: Path) -> Binary | None:
    """One that needs no fetching. Raises `EmbeddedError` where the named one will not do."""
    if named := os.environ.get(SETTING):
        found = await _examined(Path(named), SETTING)
        if found is None:
            raise EmbeddedError(f"{SETTING} names {named}, which is no Temporal CLI of version 1.5 or newer")
        return found
    if on_path := shutil.which("temporal"):
        if found := await _examined(Path(on_path), "PATH"):
            return found
        talk.say(f"{on_path} is older than Temporal CLI 1.5 and is left alone")
    return await _examined(folder / "temporal", "the cache")


async def _examined(path: Path, source: str) -> Binary | None:
    if not os.access(path, os.X_OK):
        return None
    told = await _output_of(str(path))
    match = re.search(r"Server (\d+)\.(\d+)(\.\d+)*", told)
    if match is None or (int(match[1]), int(match[2])) < OLDEST_SERVER:
        return None
    return Binary(path, match[0].removeprefix("Server "), source)


async def _output_of(path: str) -> str:
    try:
        async with helper(
            path, "--version", within=VERSION_WITHIN, stdout=asyncio.subprocess.PIPE
        ) as process:
            told, _ = await process.communicate()
    except (OSError, TimeoutError):
        return ""
    return told.decode(errors="replace")


async def _fetched(folder: Path, talk: Talk) -> Binary | None:
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        fetched = await download(Path(draft), talk) or await build(Path(draft), folder, talk)
        if fetched is None:
            return None
        fetched.replace(folder / "temporal")
    return await _examined(folder / "temporal", "fetched now")
