"""A sabotaged copy is tortured, and what turned red is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from torture import sabotage
from torture.checker.verdict import FIGURES
from wiring.files import ROOT

PROGRAM = """
import argparse, json, pathlib, providers.http.addresses as addresses
parser = argparse.ArgumentParser()
for name in ("--seed", "--minutes", "--out"):
    parser.add_argument(name)
asked = parser.parse_args()
source = pathlib.Path(addresses.__file__).read_text()
told = dict.fromkeys({figures!r}, 0) | {{"leaks": int("198.18.0.0" not in source), "unknown": 3}}
pathlib.Path(asked.out).write_text(json.dumps(told))
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree in the place of ours, whose torture sees one fault only."""
    for file in ("providers/http/addresses.py", "dsl/inbox.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text())
    (tmp_path / "torture").mkdir()
    (tmp_path / "torture" / "__main__.py").write_text(PROGRAM.format(figures=FIGURES))
    for package in ("providers", "providers/http", "dsl", "torture"):
        (tmp_path / package / "__init__.py").touch()
    monkeypatch.setattr(sabotage, "ROOT", tmp_path)
    return tmp_path


def told(tree: Path, name: str) -> tuple[int, Any]:
    """The command's code, and what it wrote of the sabotage."""
    out = tree / "told.json"
    code = sabotage.caught(name, 7, 3, out)
    return code, json.loads(out.read_text())["sabotages"][name]


def test_what_turns_a_figure_red_is_caught(tree: Path) -> None:
    assert told(tree, "open-range") == (0, {"caught": True, "red": {"leaks": 1}})
    assert "198.18.0.0" in (tree / "providers/http/addresses.py").read_text(), "in a copy only"


def test_what_turns_none_is_not_caught(tree: Path) -> None:
    assert told(tree, "no-ring") == (1, {"caught": False, "red": {}})


def test_a_torture_that_comes_to_no_end_has_caught_nothing(tree: Path) -> None:
    (tree / "torture" / "__main__.py").write_text("raise SystemExit(3)")
    assert told(tree, "open-range") == (1, {"caught": False, "red": {}})
