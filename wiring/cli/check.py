"""`tembea check` and `tembea test`: what must hold before a change is handed over."""

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
    # Fetching a server may take minutes, longer than any test may.
    asyncio.run(find_binary(Talk()))
    os.chdir(ROOT)
    os.execv(sys.executable, [*PYTHON, "pytest", *arguments])  # noqa: S606  pytest, in our place
