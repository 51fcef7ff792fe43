"""`python -m bench.growth --out FILE [--only PART] [--quick]`: what grows with what, of ours alone."""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import get_args

from rich.console import Console

from bench.figures import Backend
from bench.growth.figures import Growth
from bench.growth.growth import PARTS, QUICK, WHOLE, Size, grown
from bench.growth.table import tables
from wiring.talk import Talk


def main() -> None:
    """Measure, show tables, write the file."""
    asked, folder = _arguments(), Path(tempfile.mkdtemp(prefix="tembea-growth-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    size = QUICK if asked.quick else WHOLE
    size = size._replace(waiting=asked.waiting or size.waiting, cached=asked.cached or size.cached)
    made = asyncio.run(_made(folder, asked, size))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    console = Console(width=120)
    for table in tables(made):
        console.print(table)


async def _made(folder: Path, asked: argparse.Namespace, size: Size) -> Growth:
    """All of it; what is measured is kept at once, for the whole takes a while."""
    made = Growth(backend=asked.backend)
    async for made in grown(folder, asked.backend, size, asked.only or PARTS[:-1], Talk()):
        asked.out.write_text(made.model_dump_json(by_alias=False, indent=1) + "\n")
    return made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="What grows with what.")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    parser.add_argument("--backend", choices=get_args(Backend), default="file", help="of Temporal")
    parser.add_argument("--only", action="append", choices=PARTS, help="some parts (default: all but loops)")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    parser.add_argument("--waiting", type=int, help=f"conversations that wait (default: {WHOLE.waiting:,})")
    parser.add_argument("--cached", type=int, help=f"runs the worker keeps (default: {WHOLE.cached:,})")
    return parser.parse_args()


if __name__ == "__main__":
    main()
