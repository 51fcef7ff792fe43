"""No statement reaches a tenant's rows without naming the workspace."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.tables import SHARED, metadata

FOLDER = Path(__file__).parents[2] / "store"
FREE = {"workspaces.py", "plans.py", "access.py"}
"""The helper itself, the plans, which belong to nobody, and the keys, which say what workspace one is in."""
ACROSS = {
    "TAKE_LEFT": "the relay serves every workspace",
    "RESEND": "the relay serves every workspace",
    "TAKE": "the relay serves every workspace",
    "DOUBT": "a restore puts back all of them",
    "DOUBTFUL": "so does the sweep",
    "STRAYS": "so does the sweep",
    "TOTALS": "so does the sweep",
    "EXPIRED": "so does the sweep",
    "EVENTS": "so does the sweep",
    "REPORTS": "so does the sweep",
    "DUE": "so does the reconciliation",
    "REDEEM": "a ticket says what workspace one is in",
    "BACKLOG": "the metrics are of every workspace",
    "DEAD": "the metrics are of every workspace",
    "ACTIVE": "the metrics are of every workspace",
}
TENANTS = set(metadata.tables) - SHARED
BUILDERS = {"select", "update", "insert", "delete"}


def modules() -> list[Path]:
    """The modules of the store."""
    return sorted(FOLDER.glob("*.py"))


def texts(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name it is given, text) of every text of a module that is no docstring."""
    named = {
        id(node.value): target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in docs | parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield (
                named.get(id(node), ""),
                "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant)),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield named.get(id(node), ""), node.value


def reaches_without_workspace(sql: str) -> set[str]:
    """Tenant tables that a statement reads or writes more often than it names the workspace."""
    touched = re.findall(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)", sql)
    tenants = [name for name in touched if name in TENANTS]
    return set(tenants) if len(tenants) > sql.count("workspace_id") else set()


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.name)
def test_statements_are_built_by_the_helper_alone(module: Path) -> None:
    if module.name in FREE:
        return
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    about_locks = {"select"} if "pg_advisory_xact_lock" in module.read_text() else set()
    assert calls & BUILDERS <= about_locks


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.name)
def test_statements_written_out_name_the_workspace(module: Path) -> None:
    found = {
        (name, tuple(sorted(tables)))
        for name, text in texts(ast.parse(module.read_text()))
        if name not in ACROSS and (tables := reaches_without_workspace(text))
    }
    assert not found


def test_the_check_sees_what_it_is_for() -> None:
    assert reaches_without_workspace("SELECT 1 FROM lanes WHERE id = $1") == {"lanes"}
    assert not reaches_without_workspace("SELECT 1 FROM lanes WHERE workspace_id = $1")
    assert reaches_without_workspace("SELECT 1 FROM lanes JOIN flows WHERE flows.workspace_id = $1")
