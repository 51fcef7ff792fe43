"""A sabotage tried: a copy of the tree with a fault in it is tortured, and has to be found out."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torture.checker.verdict import red
from torture.sabotages import SABOTAGES, apply
from wiring.files import ROOT
from wiring.talk import Talk

NAMES = tuple(SABOTAGES)
ALL = "all"
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__")
"""Of the tree: what git keeps, what was installed, what a house of this tree has in its state."""
Json = dict[str, Any]


def caught(name: str, seed: int, minutes: float, out: Path) -> int:
    """Torture a copy with that sabotage, or with each; 0 where all were found. Writes what turned red."""
    talk, names = Talk(), NAMES if name == ALL else (name,)
    found = {one: _tried(one, seed, minutes, talk) for one in names}
    out.write_text(json.dumps({"seed": seed, "minutes": minutes, "sabotages": found}, indent=1) + "\n")
    count = sum(one["caught"] for one in found.values())
    talk.say(f"caught {count} / {len(found)}")
    return int(count < len(found))


def _tried(name: str, seed: int, minutes: float, talk: Talk) -> Json:
    with copied() as tree:
        apply(name, tree)
        talk.say(f"{name}: {SABOTAGES[name].what}")
        told = _tortured(tree, ("--seed", str(seed), "--minutes", f"{minutes:g}"))
    figures = red({"figures": told}) if told else []
    talk.say(f"{name}: {'caught by ' + ', '.join(figures) if figures else 'NOT CAUGHT'}")
    return {"caught": bool(figures), "red": {figure: told[figure] for figure in figures}}


@contextmanager
def copied() -> Iterator[Path]:
    """The tree as it is now, somewhere else; gone with the block."""
    with tempfile.TemporaryDirectory(prefix="tembea-sabotage-") as home:
        Path(home).chmod(0o711)  # PostgreSQL's account passes through
        tree = Path(home) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        yield tree


def _tortured(tree: Path, arguments: Sequence[str]) -> Json:
    """What the torture of a tree says; nothing where it came to no end."""
    out = tree.parent / "torture.json"
    command = (sys.executable, "-m", "torture", *arguments, "--out", str(out))
    env = {**os.environ, "PYTHONPATH": str(tree), "TMPDIR": str(tree.parent)}
    subprocess.run(command, cwd=tree, env=env, check=False)  # noqa: S603  ourselves
    told: Json = json.loads(out.read_text()) if out.exists() else {}
    return told
