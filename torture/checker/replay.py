"""INV-8: every history once more, in processes that put sets and names in another order.

`python -m torture.checker.replay` reads `{plans, runs: [[execution, number, json], …]}` and writes what it
found.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from torture.checker.clear import Clear
from torture.checker.facts import Facts
from torture.checker.told import Run
from wiring.converter import data_converter
from wiring.plans import PlanCache
from workflows.flow import FlowWorkflow

SEEDS = (1, 2)
"""Of `PYTHONHASHSEED`: a worker's own is another at every start."""


async def failures(facts: Facts, seeds: Sequence[int]) -> list[str]:
    """Histories that this build does not walk as they were walked; here, or in a process for each seed."""
    if not seeds:
        return await replayed(facts.plans, facts.runs)
    found = await asyncio.gather(*(asyncio.to_thread(_elsewhere, facts, seed) for seed in seeds))
    return [f"{one}, hash seed {seed}" for seed, all_ in zip(seeds, found, strict=True) for one in all_]


def _elsewhere(facts: Facts, seed: int) -> list[str]:
    asked = {"plans": facts.plans, "runs": [[run.execution, run.number, run.json] for run in facts.runs]}
    done = subprocess.run(
        [sys.executable, "-m", "torture.checker.replay"],
        input=json.dumps(asked).encode(),
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


async def replayed(plans: dict[str, Any], runs: Sequence[Run]) -> list[str]:
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


def main() -> None:
    """Replay what is asked for."""
    asked = json.load(sys.stdin)
    runs = [Run(execution, number, text, []) for execution, number, text in asked["runs"]]
    sys.stdout.write(json.dumps(asyncio.run(replayed(asked["plans"], runs))))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads may abort an interpreter that ends by itself


if __name__ == "__main__":
    main()
