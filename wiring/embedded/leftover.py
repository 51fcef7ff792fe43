"""Server processes that an earlier run left at work on our data."""

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

import psutil

from wiring.embedded.errors import EmbeddedError

PATIENCE = 10.0


def end_postgres_in(data: Path) -> None:
    """End every process of PostgreSQL at work in `data`, and the claim of one which is gone.

    A dead server leaves `postmaster.pid`; PostgreSQL sees through it by itself unless the number belongs to
    another process by now, which after the restart of a container is likely.
    """
    # Every process of a server, orphaned ones too, has its data folder as working directory.
    here = data.resolve()
    _end(lambda process: process.name().startswith("postgres") and Path(process.cwd()) == here, signal.SIGINT)
    (data / "postmaster.pid").unlink(missing_ok=True)


def end_users_of(database: Path) -> None:
    """End every process which names the file `database` as an argument."""
    _end(lambda process: str(database) in process.cmdline()[1:], signal.SIGTERM)


def _end(belongs: Callable[[psutil.Process], bool], politely: signal.Signals) -> None:
    left = [process for process in psutil.process_iter() if _holds(belongs, process)]
    for how in (politely, signal.SIGKILL):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        _, left = psutil.wait_procs(left, timeout=PATIENCE)
    if left:
        raise EmbeddedError(f"process {left[0].pid} of an earlier run does not end")


def _holds(belongs: Callable[[psutil.Process], bool], process: psutil.Process) -> bool:
    try:
        return belongs(process)
    except (psutil.Error, OSError):  # gone meanwhile, or another user's
        return False
