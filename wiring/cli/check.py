"""`tembea check`, `test` and `bench`: what must hold before a change is handed over."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from wiring.embedded.temporal_binary import find_binary
from wiring.files import ROOT
from wiring.talk import Talk

PYTHON = (sys.executable, "-m")
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")
"""One process for each processor: most tests wait for servers most of the time."""
STEPS = {
    "lint": (*PYTHON, "ruff", "check"),
    "format": (*PYTHON, "ruff", "format", "--check"),
    "types": (*PYTHON, "mypy"),
    "contracts": (str(Path(sys.executable).with_name("lint-imports")),),
    "bare tests": (*PYTHON, "pytest", "-q", "-m", "not real"),
}


def check() -> None:
    """Take every step; raises `typer.Exit` (1) at the first that fails."""
    talk = Talk()
    for name, command in STEPS.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603  the commands above
        verdict = "good" if done.returncode == 0 else "FAILED"
        talk.say(f"{name}: {verdict} ({time.monotonic() - began:.1f} s)")
        if done.returncode != 0:
            raise typer.Exit(1)


def test(arguments: Sequence[str]) -> None:
    """The whole suite; the arguments go to pytest."""
    _in_our_place("pytest", [*SIDE_BY_SIDE, *arguments])


def bench(out: Path, *, quick: bool) -> None:
    """The benchmark, its figures written to `out`."""
    _in_our_place("bench", ["--out", str(out.resolve()), *(["--quick"] if quick else [])])


def _in_our_place(module: str, arguments: Sequence[str]) -> None:
    # Fetching a server may take minutes, longer than any test or benchmark may.
    asyncio.run(find_binary(Talk()))
    os.chdir(ROOT)
    os.execv(sys.executable, [*PYTHON, module, *arguments])  # noqa: S606  what was asked for
