"""An emulator as a process of its own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def process(emulator: str, directory: Path, *options: str) -> Iterator[str]:
    """`emulators.{emulator}` with its state in the directory; its address once it has announced itself."""
    command = [sys.executable, "-m", f"emulators.{emulator}", "--state-dir", str(directory), *options]
    child = subprocess.Popen(command, cwd=ROOT)
    try:
        yield _announced(directory, child)
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(15) in (0, -signal.SIGTERM)


def _announced(directory: Path, child: "subprocess.Popen[bytes]") -> str:
    """Poll for the announcement of exactly this process."""
    path = directory / "emulator.json"
    for _ in range(300):
        if path.exists() and (told := json.loads(path.read_bytes()))["pid"] == child.pid:
            return str(told["url"])
        time.sleep(0.1)
    raise AssertionError("the emulator did not announce itself")
