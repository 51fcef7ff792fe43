"""The order of files names files that are there."""

from pathlib import Path

from tests.order import LONGEST, ONE_DEV, TESTS, place
from wiring.files import ROOT


def test_each_long_file_is_there_and_comes_before_the_others() -> None:
    assert [name for name in LONGEST if not (TESTS / name).exists()] == []
    assert [name for name in ONE_DEV if not (ROOT / name).exists()] == []
    assert [place(TESTS / name) for name in LONGEST] == list(range(len(LONGEST)))
    assert place(Path(__file__)) == len(LONGEST)
