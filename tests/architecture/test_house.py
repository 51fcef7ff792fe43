"""The folders of the house: listed alike everywhere, and their names are nobody else's."""

import ast
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from wiring.files import ROOT


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def rooms(project: Mapping[str, Any]) -> set[str]:
    """The names that a wheel would install."""
    return set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])


def clashes(names: Iterable[str], provided: Mapping[str, list[str]]) -> list[str]:
    """Names that another distribution installs too."""
    return [f"{name}: {owner}" for name in names for owner in provided.get(name, []) if owner != "tembea"]


def test_no_other_distribution_brings_a_module_of_our_name(project: dict[str, Any]) -> None:
    names = {room.removesuffix(".py") for room in rooms(project)}
    assert clashes(names, packages_distributions()) == []


def test_a_name_of_another_distribution_would_be_found() -> None:
    assert clashes(["rich", "store"], packages_distributions()) == ["rich: rich"]


def test_wheel_contracts_and_folders_name_the_same_rooms(project: dict[str, Any]) -> None:
    contracts = set(project["tool"]["importlinter"]["root_packages"])
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms(project) - {"worker.py", "single.py"} == contracts
    assert contracts <= folders
    assert folders <= contracts | {"bench", "torture"}, "a folder that no contract watches"
    assert rooms(project) | {"tests"} <= set(project["tool"]["mypy"]["files"])


def imported(text: str) -> set[str]:
    """The top-level packages which a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.split(".")[0]
        for name in plain | {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    }


@pytest.mark.parametrize("process", ["worker.py", "single.py"])
def test_a_process_which_no_contract_can_watch_imports_no_emulator(process: str) -> None:
    assert "emulators" not in imported((ROOT / process).read_text(encoding="utf-8"))


def test_an_import_of_an_emulator_would_be_found() -> None:
    assert "emulators" in imported("def f():\n    from emulators.chatwoot import app")
    assert "emulators" in imported("import emulators.chatwoot")


def test_torture_and_benchmark_stand_without_the_tests() -> None:
    modules = [path for room in ("torture", "bench") for path in (ROOT / room).rglob("*.py")]
    assert [path.name for path in modules if "tests" in imported(path.read_text(encoding="utf-8"))] == []


def test_the_linter_enforces_the_budgets_it_is_given(project: dict[str, Any]) -> None:
    ruff = project["tool"]["ruff"]
    assert (ruff["line-length"], ruff["lint"]["mccabe"]["max-complexity"]) == (110, 10)
    assert {"E", "C90"} <= set(ruff["lint"]["select"])
