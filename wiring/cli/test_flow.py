"""`tembea test-flow`: conversation tests, played in the simulator."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from simulator import suite
from simulator.flows import Flows
from simulator.junit import junit
from simulator.report import lines_of
from simulator.suite import Suite, failures
from wiring.catalog import catalogue
from wiring.talk import Talk


def run(paths: Sequence[Path], *, report: Path | None, coverage: bool, min_coverage: float | None) -> None:
    """Play them all and say what came of them; raises `typer.Exit` (1) where anything is not as it should."""
    tested = asyncio.run(_played(paths))
    sys.stdout.writelines(
        f"{line}\n" for line in lines_of(tested, coverage=coverage or min_coverage is not None)
    )
    if report is not None:
        report.write_bytes(junit(tested))
    poor = [one for one in tested if _below(one, min_coverage)]
    for one in poor:
        Talk().say(f"tembea: the conversations of {one.flow} cover less than {min_coverage:g} % of it")
    if poor or any(failures(tested)):
        raise typer.Exit(1)


async def _played(paths: Sequence[Path]) -> list[Suite]:
    flows = Flows(catalogue())
    return [await suite.run(flow, talks, flows, catalogue()) for flow, talks in suite.found(paths).items()]


def _below(tested: Suite, percent: float | None) -> bool:
    return percent is not None and (tested.coverage is None or tested.coverage.percent < percent)
