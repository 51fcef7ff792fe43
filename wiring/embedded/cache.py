"""The folder for programs fetched once and used by every clone."""

import asyncio
import fcntl
import os
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from wiring.embedded.errors import EmbeddedError

CLAIM_WITHIN = 1800.0


def cache_dir() -> Path:
    """`$XDG_CACHE_HOME/tembea`, else `~/.cache/tembea`, also where HOME is unset or empty."""
    if root := os.environ.get("XDG_CACHE_HOME"):
        return Path(root) / "tembea"
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return Path(home) / ".cache" / "tembea"


@asynccontextmanager
async def claimed(folder: Path) -> AsyncIterator[None]:
    """Be the only process which fills `folder`; a second one waits its turn."""
    with _lock_file(folder) as lock:
        async with asyncio.timeout(CLAIM_WITHIN):
            while not _locked(lock.fileno()):  # noqa: ASYNC110  another process holds it: nothing here can tell
                await asyncio.sleep(0.5)
        yield


def _lock_file(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "lock").open("w")
    except OSError as error:
        raise EmbeddedError(f"{folder}: {error.strerror}; set XDG_CACHE_HOME to a folder of yours") from None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
