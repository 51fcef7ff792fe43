"""`tembea check`, `test`, `bench` and `torture`: what must hold before a change is handed over."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from wiring.embedded.cache import cache_dir
from wiring.embedded.temporal_binary import find_binary
from wiring.files import ROOT
from wiring.talk import Talk

PYTHON = (sys.executable, "-m")
PROCESSORS = os.cpu_count() or 1
SIDE_BY_SIDE = ("-n", str(PROCESSORS + 1), "--dist", "loadfile", "--no-loadscope-reorder")
"""One more than there are processors, for tests that wait (`tests/order.py`). Files begin as collected."""
TYPES = ("--cache-dir", str(cache_dir() / "mypy"))
"""What one clone has found out about the libraries holds in the next: entries are told apart by content."""
STEPS = {
    "lint": (*PYTHON, "ruff", "check"),
    "format": (*PYTHON, "ruff", "format", "--check"),
    "types": (*PYTHON, "mypy", *TYPES),
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


def bench(out: Path, plot: Path | None, *, quick: bool, peers: bool, backends: Sequence[str]) -> None:
    """The benchmark, its figures written to `out` and drawn into `plot`."""
    asked = [*(["--quick"] if quick else []), *(["--peers"] if peers else [])]
    asked += [word for backend in backends for word in ("--backend", backend)]
    asked += ["--plot", str(plot.resolve())] if plot else []
    _in_our_place("bench", ["--out", str(out.resolve()), *asked])


def torture(out: Path, seed: int | None, minutes: float, sabotage: str | None) -> None:
    """The torture, its figures written to `out`."""
    asked = ["--out", str(out.resolve()), "--minutes", f"{minutes:g}"]
    asked += [] if seed is None else ["--seed", str(seed)]
    asked += ["--sabotage", sabotage] if sabotage else []
    _in_our_place("torture", asked)


def _in_our_place(module: str, arguments: Sequence[str]) -> None:
    # Fetching a server may take minutes, longer than any test or benchmark may.
    asyncio.run(find_binary(Talk()))
    os.chdir(ROOT)
    os.execv(sys.executable, [*PYTHON, module, *arguments])  # noqa: S606  what was asked for
