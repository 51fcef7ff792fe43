"""INV-8: every history once more, in processes that put sets and names in another order.

`python -m torture.checker.replay FOLDER SEED` reads `plans.json` and `{execution}.{number}.history` there and
writes what it found to `SEED.found`: its output is the SDK's.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from torture.checker.clear import Clear
from torture.checker.facts import Facts
from torture.checker.told import Run
from wiring.converter import data_converter
from wiring.plans import PlanCache
from workflows.flow import FlowWorkflow

PLANS, HISTORY = "plans.json", ".history"
SEEDS = (1, 2)
"""Of `PYTHONHASHSEED`: a worker's own is another at every start."""


async def failures(facts: Facts, seeds: Sequence[int]) -> list[str]:
    """Histories that this build does not walk as they were walked; here, or in a process for each seed."""
    if not seeds:
        return await replayed(facts.plans, facts.runs)
    with TemporaryDirectory() as home:
        folder = Path(home)
        (folder / PLANS).write_text(json.dumps(facts.plans))
        for run in facts.runs:
            (folder / f"{run.execution}.{run.number}{HISTORY}").write_text(run.json)
        found = await asyncio.gather(*(asyncio.to_thread(_elsewhere, folder, seed) for seed in seeds))
    return [f"{one}, hash seed {seed}" for seed, all_ in zip(seeds, found, strict=True) for one in all_]


def _elsewhere(folder: Path, seed: int) -> list[str]:
    command = (sys.executable, "-m", "torture.checker.replay", str(folder), str(seed))
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  ourselves
    found: list[str] = json.loads((folder / f"{seed}.found").read_text())
    return found


async def replayed(plans: dict[str, Any], runs: Iterable[Run]) -> list[str]:
    """Histories that are walked another way in this process."""

    async def load(digest: str) -> Any:
        return plans.get(digest)

    replayer = Replayer(
        workflows=[FlowWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(Clear(), PlanCache(load)),
    )
    failed = []
    for run in runs:
        history = WorkflowHistory.from_json(run.execution, run.json)
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            failed.append(f"{run.execution}, run {run.number}: {result.replay_failure}")
    return failed


def _kept(folder: Path) -> Iterator[Run]:
    for path in sorted(folder.glob(f"*{HISTORY}")):
        execution, _, number = path.stem.rpartition(".")
        yield Run(execution, int(number), path.read_text(), 0, [])


def main() -> None:
    """Replay what is asked for."""
    folder, seed = Path(sys.argv[1]), sys.argv[2]
    found = asyncio.run(replayed(json.loads((folder / PLANS).read_text()), _kept(folder)))
    (folder / f"{seed}.found").write_text(json.dumps(found))
    os._exit(0)  # the SDK's threads may abort an interpreter that ends by itself


if __name__ == "__main__":
    main()
