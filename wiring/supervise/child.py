"""One running child process: started, waited for, ended."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wiring.supervise.part import Part, PartError

PROBE_EVERY = 0.1


@dataclass(frozen=True)
class Child:
    """A part that runs, with the log its output goes to."""

    part: Part
    process: asyncio.subprocess.Process
    log: Path
    started: float

    @property
    def pid(self) -> int:
        return self.process.pid

    async def gone(self) -> int:
        """Wait for its end and give the exit code (minus the signal, when a signal ended it)."""
        return await self.process.wait()

    async def until_ready(self) -> None:
        """Return when it answers; raise `PartError` when it ends first or takes longer than it may."""
        try:
            async with asyncio.timeout(self.part.ready_within):
                while not await self.part.ready():
                    self._must_run()
                    await asyncio.sleep(PROBE_EVERY)
        except TimeoutError:
            why = f"{self.part.name} was not ready after {self.part.ready_within:.0f} s, see {self.log}"
            raise PartError(why) from None
        self._must_run()

    def _must_run(self) -> None:
        if self.process.returncode is not None:
            raise PartError(f"{self.part.name} ended with {self.process.returncode}, see {self.log}")

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def stop(self) -> None:
        """Ask it to end, then make it; what it left in its process group ends with it."""
        with contextlib.suppress(ProcessLookupError):
            if self.process.returncode is None:
                self.process.send_signal(self.part.stop_signal)
        try:
            async with asyncio.timeout(self.part.stop_within):
                await self.process.wait()
        except TimeoutError:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await self.process.wait()


async def start(part: Part, logs: Path) -> Child:
    """Start the process of `part` in a session of its own, its output appended to `logs/<name>.log`."""
    await part.before()
    log = logs / f"{part.name}.log"
    output = _open_log(log)
    try:
        process = await _spawn(part, output)
    finally:
        os.close(output)
    return Child(part, process, log, time.time())


def _open_log(log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


async def _spawn(part: Part, output: int) -> asyncio.subprocess.Process:
    who: dict[str, Any] = {}
    if part.account:
        who = {"user": part.account.uid, "group": part.account.gid, "extra_groups": []}
    return await asyncio.create_subprocess_exec(
        *_dies_with_us(part.stop_signal),
        *part.argv,
        env=part.env,
        cwd=part.cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        **who,
    )


def _dies_with_us(by: signal.Signals) -> tuple[str, ...]:
    """The prefix which makes Linux end the child when we are killed; without it the next start tidies up."""
    tool = shutil.which("setpriv") if sys.platform == "linux" else None
    return (tool, "--pdeathsig", by.name.removeprefix("SIG")) if tool else ()
