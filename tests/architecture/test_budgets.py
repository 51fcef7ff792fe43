"""The house keeps its budgets, and each check can fail."""

from pathlib import Path

import pytest

from tests.architecture import budgets
from tests.architecture.tree import modules
from wiring.files import ROOT


@pytest.fixture(scope="module")
def house() -> list[Path]:
    found = modules()
    assert len(found) > 50, "the house is looked at, not an empty folder"
    return found


def planted(root: Path, name: str, text: str) -> list[Path]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [path]


def test_no_module_is_over_its_budget(house: list[Path]) -> None:
    assert budgets.long_modules(ROOT, house) == []


def test_no_function_is_over_its_budget(house: list[Path]) -> None:
    assert budgets.long_functions(house) == []


def test_the_workflows_are_within_their_budget(house: list[Path]) -> None:
    assert budgets.large_workflows(ROOT, house) == []


def test_every_init_is_empty(house: list[Path]) -> None:
    assert budgets.filled_inits(house) == []


@pytest.mark.parametrize(("name", "most"), [("store/x.py", 300), ("tests/test_x.py", 500)])
def test_a_module_one_line_too_long_is_found(tmp_path: Path, name: str, most: int) -> None:
    assert budgets.long_modules(tmp_path, planted(tmp_path, name, "x = 1\n" * most)) == []
    assert budgets.long_modules(tmp_path, planted(tmp_path, name, "x = 1\n" * (most + 1))) == [
        f"{name}: {most + 1} lines of at most {most}"
    ]


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_function_one_line_too_long_is_found_wherever_it_is(tmp_path: Path, kind: str) -> None:
    def method(lines: int) -> str:
        return f"class C:\n    {kind} long(self):\n" + "        x = 1\n" * (lines - 1)

    assert budgets.long_functions(planted(tmp_path, "x.py", method(50))) == []
    assert budgets.long_functions(planted(tmp_path, "x.py", method(51))) == ["x.py:2 long: 51 lines"]


def test_workflows_one_line_too_large_together_are_found(tmp_path: Path) -> None:
    half = planted(tmp_path, "workflows/a.py", "x = 1\n" * 450)
    fits = planted(tmp_path, "workflows/b.py", "x = 1\n" * 450)
    others = planted(tmp_path, "store/c.py", "x = 1\n" * 200)
    assert budgets.large_workflows(tmp_path, half + fits + others) == []
    over = planted(tmp_path, "workflows/b.py", "x = 1\n" * 451)
    assert budgets.large_workflows(tmp_path, half + over) == ["workflows/: 901 lines of at most 900"]


def test_an_init_with_anything_in_it_is_found(tmp_path: Path) -> None:
    assert budgets.filled_inits(planted(tmp_path, "a/__init__.py", "")) == []
    assert len(budgets.filled_inits(planted(tmp_path, "b/__init__.py", "\n"))) == 1
