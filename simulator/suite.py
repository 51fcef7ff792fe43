"""Conversation tests of files: found, played in the simulator, and what came of them."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dsl.kind import Kind
from simulator.coverage import Coverage, coverage_of
from simulator.flows import Flow, Flows
from simulator.played import Failure, Played
from simulator.playing import play
from simulator.simulation import Simulation
from simulator.talks import ENDING, TalkError, read_placed, scenario_of, talks_of


@dataclass(frozen=True)
class Case:
    """One conversation: `number` is the line of its file that failed, `problem` why it was not played."""

    talk: Path
    scenario: str
    seconds: float
    played: Played | None = None
    number: int = 0
    problem: str | None = None

    @property
    def passed(self) -> bool:
        """Whether it went as it says."""
        return self.played is not None and self.played.passed

    @property
    def failure(self) -> Failure | None:
        """The line that did not go as it says."""
        return self.played.failure if self.played else None


@dataclass(frozen=True)
class Suite:
    """A flow's conversations, and how much of it they walk; None where it does not compile."""

    flow: Path
    cases: list[Case] = field(default_factory=list)
    coverage: Coverage | None = None


def found(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """Conversations by flow file: of folders all below, of a flow those beside it; TalkError without any."""
    talks: dict[Path, None] = {}
    for path in paths:
        here = list(_talks(path))
        if not here:
            raise TalkError(f"there is no <flow>.<scenario>{ENDING} at {path}")
        talks |= dict.fromkeys(here)
    by_flow: dict[Path, list[Path]] = {}
    for talk in talks:
        by_flow.setdefault(scenario_of(talk)[0], []).append(talk)
    return by_flow


def _talks(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob(f"*{ENDING}"))
    if not path.exists():
        raise TalkError(f"there is no file or folder {path}")
    return [path] if path.name.endswith(ENDING) else talks_of(path)


async def run(flow: Path, talks: Iterable[Path], flows: Flows, catalogue: Mapping[str, type[Kind]]) -> Suite:
    """Play a flow's conversations, each in a simulation of its own."""
    try:
        compiled = flows.compiled(flow)
        compiled.plan  # noqa: B018  its errors are the flow's, not those of a conversation
    except TalkError as error:
        broken = [Case(talk, scenario_of(talk)[1], 0.0, problem=str(error)) for talk in talks]
        return Suite(flow, broken)
    cases = [await _case(talk, compiled, catalogue) for talk in talks]
    walked = [case.played.exits for case in cases if case.played]
    graph = compiled.result.graph
    return Suite(flow, cases, coverage_of(graph, walked) if graph else None)


async def _case(talk: Path, flow: Flow, catalogue: Mapping[str, type[Kind]]) -> Case:
    began, scenario = time.monotonic(), scenario_of(talk)[1]
    try:
        placed = read_placed(talk)
    except TalkError as error:
        return Case(talk, scenario, 0.0, problem=str(error))
    async with Simulation(flow.plan, catalogue, flow.setting(), plans=flow.plans) as simulation:
        played = await play([one.line for one in placed], simulation)
    number = placed[played.failure.line].number if played.failure else 0
    return Case(talk, scenario, time.monotonic() - began, played, number)


def failures(tested: Iterable[Suite]) -> Iterator[Case]:
    """The conversations that did not go as they say, or could not be played."""
    return (case for one in tested for case in one.cases if not case.passed)
