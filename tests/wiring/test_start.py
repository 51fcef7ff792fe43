"""How a process of ours begins."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from wiring import start

PROCESS = """
import gc

loaded = gc.isenabled()
told = []

def run():
    told.append((loaded, gc.isenabled(), gc.get_freeze_count() > 1000, gc.get_threshold()))
"""


@pytest.fixture
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


def test_no_garbage_is_looked_for_among_what_the_modules_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_before: None
) -> None:
    (tmp_path / "some_process.py").write_text(PROCESS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(start.MODULES, "some", "some_process")
    start.be("some")
    import some_process  # type: ignore[import-not-found]

    assert some_process.told == [(False, True, True, start.THRESHOLDS)]
