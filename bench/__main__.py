"""`python -m bench [--quick] --out FILE`: Tembea against hand-written workflows, on this machine, now."""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from bench.bench import QUICK, WHOLE, bench
from bench.figures import Backend, Figures, report
from bench.table import line, table
from wiring.talk import Talk


def main() -> None:
    """Measure, show a table, write the file."""
    asked = _arguments()
    progress, folder = Console(stderr=True), Path(tempfile.mkdtemp(prefix="tembea-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    backends: tuple[Backend, ...] = ("memory",) if asked.quick else ("memory", "file")

    def told(figures: Figures) -> None:
        progress.print(line(figures), highlight=False)

    runs = asyncio.run(bench(folder, backends, QUICK if asked.quick else WHOLE, Talk(), told))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    made = report(runs)
    asked.out.write_text(made.model_dump_json(by_alias=False, indent=1) + "\n")
    Console(width=150).print(table(made))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tembea bench", description="Tembea against hand-written workflows."
    )
    parser.add_argument("--quick", action="store_true", help="two repetitions, in memory only")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
