"""Recorded histories: decoded, beside the plans they walk; what new code must replay."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from torture.checker.clear import Clear
from wiring.converter import data_converter
from wiring.plans import PlanCache

PROCESS = re.compile(r"\d+@[\w.-]+")
"""How the SDK names a process: its number at its machine."""
FOLDER = Path(__file__).parent.parent / "histories"


async def stored_plan(digest: str) -> Any:
    """A plan of the corpus; None where it is not kept."""
    path = FOLDER / "plans" / f"{digest}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def clear_converter() -> DataConverter:
    """Reads stored histories, with the corpus's plans."""
    return data_converter(Clear(), PlanCache(stored_plan))


def stored() -> dict[str, list[Path]]:
    """Every recorded execution: its runs in order, one file each (`name.1.json`, …)."""
    found: dict[str, list[Path]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        found.setdefault(path.name.split(".")[0], []).append(path)
    return found


def read(path: Path) -> WorkflowHistory:
    """One run."""
    return WorkflowHistory.from_json(path.stem, path.read_text())


def keep(name: str, runs: Sequence[WorkflowHistory], plans: dict[str, Any]) -> None:
    """Store an execution's runs and plans; review them as code."""
    for old in FOLDER.glob(f"{name}.*.json"):
        old.unlink()
    for number, run in enumerate(runs, start=1):
        text = json.dumps(_scrubbed(json.loads(run.to_json())), indent=1, sort_keys=True)
        (FOLDER / f"{name}.{number:02}.json").write_text(text + "\n")
    for digest, plan in plans.items():
        (FOLDER / "plans" / f"{digest}.json").write_text(json.dumps(plan, indent=1, sort_keys=True) + "\n")


def _scrubbed(value: Any) -> Any:
    """Without the names of the machine that recorded it; replay does not look at them."""
    if isinstance(value, dict):
        return {key: _scrubbed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_scrubbed(inner) for inner in value]
    return PROCESS.sub("recorder", value) if isinstance(value, str) else value
