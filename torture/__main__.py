"""`python -m torture --seed N --minutes M --out FILE`: break a Tembea, and look for what got lost."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom
from typing import Any

from rich.console import Console

from torture.checker.folder import load
from torture.checker.verdict import judged
from torture.outcome import outcome, tables
from torture.run import torture
from torture.sabotage import ALL, NAMES, caught
from wiring.supervise.supervisor import Stopped
from wiring.talk import Talk

NAMED = ("DATABASE_URL", "TEMPORAL_", "CHATWOOT_", "AT_", "TEMBEA_")
KEPT = ("TEMBEA_TEMPORAL_BIN",)
GOOD, BAD, PROVES_NOTHING = 0, 1, 2


def main() -> int:
    """0 where the run counts and nothing was found, 1 where something was, 2 where it proves nothing.

    With a sabotage: 0 where it was found.
    """
    asked = _arguments()
    if asked.sabotage:
        return caught(asked.sabotage, asked.seed, asked.minutes, asked.out)
    return _run(asked)


def _run(asked: argparse.Namespace) -> int:
    for name in [name for name in os.environ if name.startswith(NAMED) and name not in KEPT]:
        del os.environ[name]  # a house of our own, whatever this machine is set up for
    home = Path(tempfile.mkdtemp(prefix="tembea-torture-"))
    home.chmod(0o711)  # PostgreSQL's account passes through
    (folder := home / "run").mkdir()
    talk, options = Talk(), f"--seed {asked.seed} --minutes {asked.minutes:g} --out {asked.out}"
    again = f"./tembea torture {options}"
    talk.say(again)
    try:
        made = asyncio.run(_tortured(asked, home, folder, talk))
    except BaseException as error:
        talk.say(f"seed {asked.seed} came to no end; what there is of it: {home}; again: {again}")
        if isinstance(error, Stopped):
            return PROVES_NOTHING
        raise
    asked.out.write_text(json.dumps(made, indent=1, default=str) + "\n")
    _show(made)
    return _end(made, home, folder, talk, again)


async def _tortured(asked: argparse.Namespace, home: Path, folder: Path, talk: Talk) -> dict[str, Any]:
    lived = await torture(asked.seed, asked.minutes, home / "state", folder, talk)
    async with talk.waiting("Judging"):
        facts = load(folder)
        verdict = await judged(facts)
    return outcome(verdict, facts, lived, asked.minutes)


def _show(made: dict[str, Any]) -> None:
    console = Console(width=150)
    for table in tables(made):
        console.print(table)


def _end(made: dict[str, Any], home: Path, folder: Path, talk: Talk, again: str) -> int:
    for name, found in made["violations"].items():
        for one in found:
            talk.say(f"{name}: {one}")
    if made["good"]:
        shutil.rmtree(home)
        return GOOD
    for why in made["invalid"]:
        talk.say(f"it proves nothing: {why}")
    talk.say(f"seed {made['seed']} is not good; its folder: {folder}; again: {again}")
    return BAD if made["valid"] else PROVES_NOTHING


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tembea torture", description="Break it, and look for what got lost."
    )
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="what is drawn")
    parser.add_argument("--minutes", type=float, default=10.0, help="for which things are broken")
    parser.add_argument("--sabotage", choices=(*NAMES, ALL), help="a known fault, in a copy: is it found?")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
