"""What other editors draw is played: S1's samples as a canvas exports them, and a WorkflowSpec that forks."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from compiler.compile import CompilationResult, compile_flow
from simulator.suite import Suite
from tests.goldens import REPOSITORY
from tests.simulator.test_suite import tested
from wiring.catalog import catalogue

SAMPLES = ("simple_welcome", "lead_capture", "support_ticket", "api_integration")
EXAMPLES = REPOSITORY / "examples"


def compiled(path: Path) -> CompilationResult:
    """What the compiler makes of a file."""
    return compile_flow(json.loads(path.read_text()), catalogue())


def test_each_of_the_four_samples_is_there_as_a_canvas() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/*.ui.json")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_as_a_canvas_has_the_digest_of_its_flow_spec(name: str) -> None:
    folder = EXAMPLES / name
    drawn, written = compiled(folder / f"{name}.ui.json"), compiled(folder / f"{name}.json")
    assert (drawn.dialect, written.dialect) == ("UI flow", "FlowSpec")
    assert (drawn.errors, drawn.warnings) == ((), ())
    assert drawn.digest == written.digest is not None


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_sample_as_a_canvas_is_played_as_its_conversations_say(name: str, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / name / f"{name}.ui.json", tmp_path / f"{name}.json")
    for talk in (EXAMPLES / name).glob("*.talk.json"):
        shutil.copy(talk, tmp_path)
    [suite] = await tested(tmp_path)
    assert isinstance(suite, Suite)
    assert [(case.scenario, case.failure or case.problem) for case in suite.cases] == [
        (case.scenario, None) for case in suite.cases
    ]
    assert suite.cases


async def test_a_workflow_whose_edges_fork_is_played(tmp_path: Path) -> None:
    nodes = [
        {"id": "ask", "type": "QUESTION", "config": {"text": "Which order?", "saveTo": "order"}},
        {"id": "label", "type": "ADD_LABEL", "config": {"labels": ["order"]}},
        {"id": "tell", "type": "MESSAGE", "config": {"text": "Looking for {{order}}."}},
        {"id": "done", "type": "MESSAGE", "config": {"text": "Found."}},
    ]
    drawn = [("ask", "label"), ("ask", "tell"), ("label", "done"), ("tell", "done")]
    edges = [{"source": one, "target": other} for one, other in drawn]
    flow = {"id": "orders", "name": "Orders", "version": 1, "nodes": nodes, "edges": edges}
    talk: list[dict[str, Any]] = [{"say": "Hi"}, {"expect": "Which order?"}, {"say": "A-17"}]
    talk += [{"expect": "Looking for A-17."}, {"expect": "Found."}, {"expectExit": {"ask-fork": "joined"}}]
    (tmp_path / "orders.json").write_text(json.dumps(flow))
    (tmp_path / "orders.one.talk.json").write_text(json.dumps(talk))
    [suite] = await tested(tmp_path)
    assert [case.failure or case.problem for case in suite.cases] == [None]
