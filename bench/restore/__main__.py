"""`python -m bench.restore --out FILE`: app and Temporal restored to one moment, told of it and not told."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.restore.drill import Drill, drilled, silent
from wiring.talk import Talk

PEOPLE = 20
TOLD, UNTOLD = "told", "untold"


async def _both(folder: Path, people: int) -> list[Drill]:
    return [await drilled(folder / name, people, Talk(), review=name == TOLD) for name in (TOLD, UNTOLD)]


def main() -> None:
    """Restore twice, show a table, write the file; exit code 1 where a told worker doubled anything."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.restore", description="A restore, and what follows."
    )
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"who talk (default: {PEOPLE})")
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-restore-"))
    for place in (folder, folder / TOLD, folder / UNTOLD):
        place.mkdir(exist_ok=True)
        place.chmod(0o711)  # PostgreSQL's account passes through
    made = asyncio.run(_both(folder, asked.people))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    asked.out.write_text(json.dumps([one.model_dump() for one in made], indent=1) + "\n")
    Console(width=140).print(_table(made))
    sys.exit(1 if silent(made) else 0)


def _table(made: list[Drill]) -> Table:
    shown = Table(
        "workers", "effects", "of the lost time", "doubled", "unknown", "withheld", "backup s", "restore s"
    )
    for one in made:
        counts = (one.effects_before, one.effects_lost, one.doubled, one.unknown, one.withheld)
        seconds = (f"{one.backup_seconds:g}", f"{one.restore_seconds:g}")
        shown.add_row("told" if one.review else "not told", *map(str, counts), *seconds)
    return shown


if __name__ == "__main__":
    main()
