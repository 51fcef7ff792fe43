"""Where the data of PostgreSQL goes, and what is remembered of it."""

import os
from pathlib import Path

import pytest

from wiring.embedded.account import postgres_account
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.place import FILE, Ground, settle
from wiring.supervise.part import Account

pytestmark = pytest.mark.real  # makes the system user where it is missing


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A state folder below one that only its owner can enter."""
    folder = tmp_path / "home" / ".tembea"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    return folder


@pytest.fixture
def account() -> Account:
    # An ordinary user cannot act for another account, which looks to him like one that is shut out.
    return postgres_account() or Account(uid=os.getuid() + 1, gid=os.getgid() + 1)


def test_an_ordinary_user_keeps_the_data_in_the_state_folder(closed: Path) -> None:
    said: list[str] = []
    home, _ = settle(Ground(closed, account=None, explicit=False), said.append)
    assert home == closed / "postgres"
    assert said == []


def test_roots_default_folder_under_a_closed_one_moves_and_says_so(
    closed: Path, account: Account, tmp_path: Path
) -> None:
    said: list[str] = []
    ground = Ground(closed, account, explicit=False, shelter=tmp_path / "shelter")
    home, _ = settle(ground, said.append)
    assert home.parent == tmp_path / "shelter"
    assert str(home) in said[0]
    assert closed.parent.stat().st_mode & 0o777 == 0o700, "no parent is opened for it"


def test_a_named_folder_under_a_closed_one_is_refused_with_the_option_to_change(
    closed: Path, account: Account
) -> None:
    with pytest.raises(EmbeddedError, match="--state-dir"):
        settle(Ground(closed, account, explicit=True), lambda _: None)
    assert not (closed / FILE).exists()


def test_a_second_start_finds_the_same_place_and_password(
    closed: Path, account: Account, tmp_path: Path
) -> None:
    ground = Ground(closed, account, explicit=False, shelter=tmp_path)
    assert settle(ground, lambda _: None) == settle(ground, lambda _: None)


def test_a_state_folder_that_was_moved_takes_its_data_along(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    _, password = settle(Ground(before, account=None, explicit=True), lambda _: None)
    before.rename(after)
    assert settle(Ground(after, account=None, explicit=True), lambda _: None) == (
        after / "postgres",
        password,
    )


def test_data_without_its_password_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    said: list[str] = []
    home, _ = settle(Ground(tmp_path, account=None, explicit=True), said.append)
    assert not home.exists()
    assert [kept.name for kept in tmp_path.glob("postgres.*.old/*")] == ["data"]
    assert "kept in" in said[0]


def test_the_password_is_for_the_owner_alone_and_not_in_a_repr(tmp_path: Path) -> None:
    _, password = settle(Ground(tmp_path, account=None, explicit=True), lambda _: None)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert password.get_secret_value() in (tmp_path / FILE).read_text()
    assert password.get_secret_value() not in repr(password)
