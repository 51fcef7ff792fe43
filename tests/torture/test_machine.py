"""Clocks that can be set and a disk that can be filled, on this machine."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers import scratch_state_dir
from torture.clocks import Clock, library
from torture.disk import mounted

pytestmark = pytest.mark.real

ASKS = "import sys, time; sys.stdin.readline(); print(time.time(), time.monotonic(), flush=True)"


def told(clock: Clock) -> tuple[float, float]:
    """Time and monotonic time, as a process with the clock has them, which is set while it runs."""
    env = {"PATH": "/usr/bin:/bin", **clock.environment()}
    child = subprocess.Popen(
        [sys.executable, "-c", ASKS], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    clock.set("+3600")
    time.sleep(2.2)  # an offset that was just read is kept until the second after the next
    out, _ = child.communicate("go\n", timeout=20)
    now, steady = out.split()
    return float(now), float(steady)


def test_a_process_believes_its_clock_and_its_durations_stay_true(tmp_path: Path) -> None:
    found = library()
    assert found, "libfaketime is one of our tools"
    clock = Clock(tmp_path / "clock", found)
    clock.set("+0")
    now, steady = told(clock)
    assert now - time.time() == pytest.approx(3600, abs=30)
    assert steady == pytest.approx(time.monotonic(), abs=30)


def test_a_disk_is_filled_to_the_last_byte_and_freed() -> None:
    with scratch_state_dir() as folder, mounted(folder) as disk:
        if disk is None:  # nobody but root may mount: runs say that they left it out
            assert not (folder / "postgres.json").exists()
            return
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.folder / "more").write_bytes(b"x" * 65_536)
        disk.free()
        (disk.folder / "more").write_bytes(b"x" * 65_536)
