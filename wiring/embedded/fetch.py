"""Getting the Temporal server where there is none: a download, else a build."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from wiring.talk import Talk

CLI = "v1.5.1"
MODULE = f"github.com/temporalio/cli/cmd/temporal@{CLI}"
LOG = "go-install.log"
DOWNLOAD_WITHIN = 20.0
BUILD_WITHIN = 1500.0


async def download(draft: Path, talk: Talk) -> Path | None:
    """Let the SDK download the server into `draft`; None where that does not work in time."""
    script = Path(__file__).with_name("download.py")
    command = (sys.executable, "-P", str(script), CLI, str(draft))
    try:
        async with (
            talk.waiting(f"Downloading the Temporal server {CLI}"),
            helper(*command, within=DOWNLOAD_WITHIN) as process,
        ):
            await process.wait()
    except TimeoutError:
        return None
    return _program_in(draft) if process.returncode == 0 else None


def _program_in(folder: Path) -> Path | None:
    return next((file for file in folder.iterdir() if file.is_file() and os.access(file, os.X_OK)), None)


async def build(draft: Path, folder: Path, talk: Talk) -> Path | None:
    """Let Go build the server into `draft`, its words into a log in `folder`; None where that fails."""
    go = shutil.which("go")
    if go is None:
        return None
    env = os.environ | {"CGO_ENABLED": "0", "GOBIN": str(draft)}
    if not os.environ.get("HOME"):
        env |= {"GOPATH": str(folder / "go"), "GOCACHE": str(folder / "go-build")}
    talk.say("The Temporal server cannot be downloaded here, so Go builds it: about three minutes, once")
    try:
        with (folder / LOG).open("wb") as log:
            building = helper(go, "install", MODULE, within=BUILD_WITHIN, env=env, output=log.fileno())
            async with talk.waiting("Building the Temporal server"), building as process:
                await process.wait()
    except TimeoutError:
        return None
    return draft / "temporal" if process.returncode == 0 else None


@contextlib.asynccontextmanager
async def helper(
    *command: str,
    within: float,
    env: Mapping[str, str] | None = None,
    output: int = asyncio.subprocess.DEVNULL,
    stdout: int | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A helper process; whatever happens, nothing of it is left after the block or after `within` seconds."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout or output,
        stderr=output,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(within):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
