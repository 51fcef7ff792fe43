"""Flows that walk other flows, compiled as if each were published before the next."""

import json
from pathlib import Path
from typing import Any

from dsl.digests import plan_digest
from dsl.limits import Limits
from dsl.state import Loaded, RunInput
from simulator.flows import Flow, Flows
from tests.workflows.world import run_input
from wiring.catalog import catalogue


def beside(folder: Path, main: dict[str, Any], *others: dict[str, Any]) -> Flow:
    """The main flow, with the others where its references find them."""
    for document in (main, *others):
        (folder / f"{document['id']}.json").write_text(json.dumps(document))
    return Flows(catalogue()).compiled(folder / f"{main['id']}.json")


def run_of(made: Flow, limits: Limits | None = None, **more: Any) -> RunInput:
    """The argument of a first run, plans loaded."""
    loaded = [Loaded(digest, plan) for digest, plan in made.plans.items()]
    run = run_input(made.plan, limits=limits, plans=loaded, **more)
    return run.but(plan=Loaded(plan_digest(made.plan), made.plan))
