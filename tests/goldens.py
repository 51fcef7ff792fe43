"""Golden files: expectations kept as JSON beside the tests, rewritten by `pytest --update-golden`."""

import difflib
import itertools
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

FOLDER = Path(__file__).parent / "golden"
REPOSITORY = FOLDER.parent.parent
DIFF_LINES = 200


class Golden(NamedTuple):
    """The golden files of this run; `updating` when they are to be rewritten, to be reviewed as code."""

    updating: bool

    def load(self, name: str) -> Any:
        """The JSON of `tests/golden/<name>`; a missing file fails the test."""
        path = FOLDER / name
        if not path.is_file():
            pytest.fail(f"tests/golden/{name} is missing: write it, see CONTRIBUTING.md", pytrace=False)
        return json.loads(path.read_text())

    def compare(self, name: str, actual: Any) -> None:
        """Fail where the file says something else; with `--update-golden` make it say this."""
        self.compare_text(f"tests/golden/{name}", json.dumps(actual, indent=2, ensure_ascii=False) + "\n")

    def compare_text(self, name: str, actual: str) -> None:
        """The same for any text file of the repository, such as generated documentation."""
        path = REPOSITORY / name
        if self.updating:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual)
        if not path.is_file():
            pytest.fail(f"{name} is missing: run pytest --update-golden and review it", pytrace=False)
        if (known := path.read_text()) != actual:
            title = f"{name} is out of date: pytest --update-golden, then review the diff"
            pytest.fail(f"{title}\n{_difference(known, actual)}", pytrace=False)


def _difference(known: str, actual: str) -> str:
    """The first changed lines, each with what stands around it."""
    lines = difflib.unified_diff(known.splitlines(), actual.splitlines(), "committed", "now", lineterm="")
    return "\n".join(itertools.islice(lines, DIFF_LINES))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` rewrites the expectations."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files and generated docs")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The golden files."""
    return Golden(updating=bool(request.config.getoption("--update-golden")))
