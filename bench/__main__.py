"""`python -m bench [--quick] --out FILE`: Tembea against hand-written workflows, on this machine, now."""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.bench import Plan, Told, bench
from bench.contestants import Contestant
from bench.figures import Backend, Figures, Floor, Report, Waits
from bench.measure import Size
from bench.peers.peers import peers
from bench.plot import plot
from bench.table import line, tables
from bench.ussd import Size as Calls
from wiring.talk import Talk

BACKENDS: tuple[Backend, ...] = ("memory", "file", "postgres")
QUICK = Size(closed=40, open=20, repetitions=2)
WHOLE = Size(closed=100, open=32, repetitions=3)


def main() -> None:
    """Measure, show tables, write the file, draw the plot."""
    asked = _arguments()
    progress, folder = Console(stderr=True), Path(tempfile.mkdtemp(prefix="tembea-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through

    def told(figures: Figures | Floor | Waits) -> None:
        progress.print(line(figures), highlight=False, markup=False, soft_wrap=True)

    made = asyncio.run(_made(folder, asked, told))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    asked.out.write_text(made.model_dump_json(by_alias=False, indent=1) + "\n")
    if asked.plot:
        asked.plot.write_text(plot(made))
    for table in tables(made):
        Console(width=170).print(table)


async def _made(folder: Path, asked: argparse.Namespace, told: Told) -> Report:
    talk = Talk()
    others = await peers(talk) if asked.peers else ()
    return await bench(folder, _plan(asked, others), talk, told)


def _plan(asked: argparse.Namespace, peers: Sequence[Contestant]) -> Plan:
    if asked.quick:
        backends = asked.backend or ["memory"]
        return Plan(dict.fromkeys(backends, QUICK), 60, Calls(rounds=2, repetitions=1), 12, peers)
    backends = asked.backend or ["memory", "file"]
    return Plan(dict.fromkeys(backends, WHOLE), 200, Calls(rounds=4, repetitions=3), peers=peers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tembea bench", description="Tembea against hand-written workflows."
    )
    parser.add_argument("--quick", action="store_true", help="two repetitions, in memory only")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    parser.add_argument("--plot", type=Path, help="a drawing of them, as SVG")
    parser.add_argument("--peers", action="store_true", help="DBOS and Restate too; they are fetched once")
    parser.add_argument(
        "--backend",
        action="append",
        choices=BACKENDS,
        help="what Temporal keeps its state in; may be repeated",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
