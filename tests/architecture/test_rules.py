"""The tables of rules, and the source document's checklist, name tests that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wiring.files import ROOT

NAMED = re.compile(r"`(?P<file>tests/[\w/]+\.py)?(?:::(?P<test>\w+))?(?:\[[^`]*\])?`")
PAGES = [*sorted((ROOT / "docs" / "rules").glob("*.md")), ROOT / "docs" / "checklist.md"]


def missing(page: str, root: Path) -> Iterator[str]:
    """What a page names and nobody wrote; `::test` alone is of the file named before it."""
    file = ""
    for found in NAMED.finditer(page):
        file, test = found["file"] or file, found["test"]
        path = root / file
        if found["file"] and not path.is_file():
            yield file
        elif test and f"def {test}(" not in path.read_text():
            yield f"{file}::{test}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert len(NAMED.findall(text)) > 15, "the page is looked at, not an empty one"
    assert list(missing(text, ROOT)) == []


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("def test_here(): ...\n")
    page = "`tests/test_x.py::test_here` `::test_gone` `tests/test_y.py`"
    assert list(missing(page, tmp_path)) == ["tests/test_x.py::test_gone", "tests/test_y.py"]
