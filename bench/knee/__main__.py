"""`python -m bench.knee --out FILE [--quick]`: how many webhooks a second, and how soon each is answered."""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import get_args

from rich.console import Console

from bench.figures import Backend
from bench.knee.knee import QUICK, WHOLE, measured
from bench.knee.table import table
from wiring.talk import Talk


def main() -> None:
    """Measure, show a table, write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.knee", description="Webhooks to the knee.")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    parser.add_argument("--backend", choices=get_args(Backend), default="file", help="of Temporal")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-knee-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    made = asyncio.run(measured(folder, asked.backend, QUICK if asked.quick else WHOLE, Talk()))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    asked.out.write_text(made.model_dump_json(by_alias=False, indent=1) + "\n")
    Console(width=150).print(table(made))


if __name__ == "__main__":
    main()
