"""`dev.json`: what runs on a state folder, for people, tests and the next start."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from wiring.files import write_private
from wiring.supervise.child import Child

FILE = "dev.json"
LOCK = "dev.lock"
PATIENCE = 15.0
SAME_START = 2.0  # the system counts a start from its boot, which it knows to the second


class StateDirTakenError(Exception):
    """Another supervisor is at work on the state folder."""


class PartRecord(BaseModel):
    """One part as published: its process and facts; `started` tells it from a later one of that number."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="allow")

    pid: int
    started: float
    port: int | None = None
    url: str | None = None
    ui_url: str | None = None
    log: str


class Record(BaseModel):
    """The whole of `dev.json`; `pid` is the supervisor."""

    pid: int
    parts: dict[str, PartRecord]


def describe(child: Child) -> PartRecord:
    """What `dev.json` says about a running part."""
    return PartRecord.model_validate(
        {**child.part.facts, "pid": child.pid, "started": child.started, "log": str(child.log)}
    )


def publish(state_dir: Path, record: Record) -> None:
    """Write `dev.json` for its owner alone, at one stroke."""
    text = record.model_dump_json(by_alias=True, exclude_none=True, indent=2)
    write_private(state_dir / FILE, text + "\n")


def read(state_dir: Path) -> Record | None:
    """What `dev.json` says; None where there is none or it makes no sense."""
    try:
        return Record.model_validate_json((state_dir / FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


@contextlib.contextmanager
def owned(state_dir: Path) -> Iterator[None]:
    """Be the only supervisor of the folder; raises `StateDirTakenError`. On leaving, `dev.json` goes.

    The claim is a lock of the system: it ends with this process, however that ends.
    """
    with (state_dir / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateDirTakenError(_who_has(state_dir)) from None
        try:
            end_leftovers(state_dir)
            yield
        finally:
            (state_dir / FILE).unlink(missing_ok=True)


def _who_has(state_dir: Path) -> str:
    record = read(state_dir)
    who = f"process {record.pid}" if record else "another process which is just starting"
    return f"{state_dir} is in use by {who}; end it or choose another folder with --state-dir"


def end_leftovers(state_dir: Path) -> None:
    """End what an earlier supervisor, killed before it could tidy up, left running."""
    record = read(state_dir)
    left = [found for part in record.parts.values() if (found := _alive(part))] if record else []
    for process in reversed(left):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=PATIENCE)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=PATIENCE)


def _alive(part: PartRecord) -> psutil.Process | None:
    try:
        process = psutil.Process(part.pid)
        return process if abs(process.create_time() - part.started) < SAME_START else None
    except psutil.NoSuchProcess:
        return None
