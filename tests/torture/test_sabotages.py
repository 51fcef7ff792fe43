"""The ten sabotages fit today's source, and each is a fault in a copy of it alone."""

import ast
from pathlib import Path

import pytest

from torture.sabotages import SABOTAGES, Edit, Misfit, apply, misfits, replaced
from wiring.files import ROOT


def test_there_are_ten() -> None:
    assert len(SABOTAGES) == 10


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotage_fits_the_source_as_it_is_today(name: str) -> None:
    assert misfits(name, ROOT) == []


@pytest.mark.parametrize("name", SABOTAGES)
def test_what_is_sabotaged_is_python_still_and_another(name: str, tmp_path: Path) -> None:
    files = {edit.file for edit in SABOTAGES[name].edits}
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text())
    apply(name, tmp_path)
    for file in files:
        edited = (tmp_path / file).read_text()
        ast.parse(edited)
        assert edited != (ROOT / file).read_text()


@pytest.mark.parametrize("source", ["nothing of it", "here and here"])
def test_a_text_that_does_not_stand_there_once_is_no_sabotage(source: str, tmp_path: Path) -> None:
    edit = Edit("a.py", "here", "there")
    (tmp_path / "a.py").write_text(source)
    with pytest.raises(Misfit):
        replaced(source, edit)
    assert replaced("only here", edit) == "only there"
