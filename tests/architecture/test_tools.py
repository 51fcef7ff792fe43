"""Lint, format, types and import contracts hold: what `tembea check` asks, asked by the suite too."""

import subprocess
from pathlib import Path

import pytest

from wiring.cli.check import STEPS
from wiring.files import ROOT

pytestmark = pytest.mark.real

TOOLS = {name: command for name, command in STEPS.items() if "pytest" not in command}


@pytest.mark.timeout(600)  # types of the whole house from nothing
@pytest.mark.parametrize("tool", TOOLS)
def test_the_tool_has_no_complaint(tool: str) -> None:
    done = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


CONFIG = """
[tool.importlinter]
root_packages = ["upper", "lower"]
include_external_packages = true
[[tool.importlinter.contracts]]
name = "imports point down"
type = "layers"
layers = ["upper", "lower"]
[[tool.importlinter.contracts]]
name = "nobody imports the worker"
type = "forbidden"
source_modules = ["upper", "lower"]
forbidden_modules = ["worker"]
"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import upper", "lower.module -> upper"),
        ("import worker", "lower.module -> worker"),
        ("import json", None),
    ],
)
def test_an_import_that_a_contract_forbids_is_found(tmp_path: Path, text: str, complaint: str | None) -> None:
    for package, module in {"upper": "", "lower": text}.items():
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
        (tmp_path / package / "module.py").write_text(module)
    (tmp_path / "worker.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    done = subprocess.run(TOOLS["contracts"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if complaint else 0)
    assert (complaint or "2 kept") in done.stdout
