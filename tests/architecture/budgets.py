"""The budgets of the house: each check takes modules and gives a complaint for every one over budget."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

MODULE_LINES = 300
TEST_LINES = 500
FUNCTION_LINES = 50
WORKFLOW_LINES = 900


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def long_modules(root: Path, modules: Iterable[Path]) -> list[str]:
    """Modules over their budget, which is larger for tests."""
    return [
        f"{name}: {count} lines of at most {budget}"
        for path in modules
        for name in (path.relative_to(root),)
        for budget in (TEST_LINES if name.parts[0] == "tests" else MODULE_LINES,)
        if (count := _lines(path)) > budget
    ]


def long_functions(modules: Iterable[Path]) -> list[str]:
    """Functions over their budget, counted from `def` to the last line."""
    return [
        f"{path.name}:{function.lineno} {function.name}: {count} lines"
        for path in modules
        for function in _functions(path)
        if (count := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def large_workflows(root: Path, modules: Iterable[Path]) -> list[str]:
    """The folder `workflows/` when it is over its budget as a whole."""
    total = sum(_lines(path) for path in modules if path.relative_to(root).parts[0] == "workflows")
    return [f"workflows/: {total} lines of at most {WORKFLOW_LINES}"] if total > WORKFLOW_LINES else []


def filled_inits(modules: Iterable[Path]) -> list[str]:
    """Every `__init__.py` that has anything in it."""
    return [str(path) for path in modules if path.name == "__init__.py" and path.stat().st_size]
