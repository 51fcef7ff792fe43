"""Private files and the state folder."""

from pathlib import Path

import pytest

from wiring.files import create_private, open_state_dir, write_private


def test_a_private_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old and open to all")
    write_private(file, "new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_of_two_creators_the_first_wins_and_both_know(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    assert create_private(file, "first")
    assert not create_private(file, "second")
    assert file.read_text() == "first"
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_private(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_state_folder_is_closed_for_reading_and_one_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    made = open_state_dir(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o066 == 0
    made.chmod(0o755)
    assert open_state_dir(made).stat().st_mode & 0o777 == 0o755
