"""A clock that is set tells another time; how long things last stays true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from torture.clocks import Clock, library

SECONDS = 0.3
WAITS = f"""
import ctypes, time
libc = ctypes.CDLL(None)
how, lock, until = (ctypes.create_string_buffer(64) for _ in range(3))
libc.pthread_condattr_init(how)
libc.pthread_condattr_setclock(how, time.CLOCK_MONOTONIC)
awaited = ctypes.create_string_buffer(64)
libc.pthread_cond_init(awaited, how)
libc.pthread_mutex_init(lock, None)
libc.pthread_mutex_lock(lock)
begun = time.monotonic()
due = begun + {SECONDS}
when = (ctypes.c_long * 2)(int(due), int(due % 1 * 1e9))
libc.pthread_cond_timedwait(awaited, lock, when)
print(time.time(), time.monotonic() - begun)
"""
"""How the interpreter waits for its lock."""


@pytest.mark.parametrize("offset", [0, 3600, -3600])
def test_a_wait_lasts_as_long_as_it_is_to(tmp_path: Path, offset: int) -> None:
    """One that ends at once is begun anew at once: threads then take the processor from each other."""
    found = library()
    assert found
    clock = Clock(tmp_path / "clock", found)
    clock.set(f"{offset:+}")

    def waited(env: dict[str, str]) -> list[float]:
        command = (sys.executable, "-c", WAITS)
        done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=True)
        return [float(word) for word in done.stdout.split()]

    true, lasted = waited({})
    assert lasted >= SECONDS
    told, lasted = waited(dict(clock.environment()))
    assert lasted >= SECONDS
    assert 0 <= told - true - offset < 60
