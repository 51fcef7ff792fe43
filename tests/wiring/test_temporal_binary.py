"""The ladder to a Temporal server, with small programs in the place of the large ones."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from wiring.embedded.cache import cache_dir, claimed
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.fetch import LOG, MODULE, build
from wiring.embedded.temporal_binary import SETTING, at_hand, find_binary, folder_in
from wiring.talk import Talk

NEW = "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"
BUILT_BY_GO = "temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)"
OLD = "temporal version 1.4.1 (Server 1.28.0, UI 2.39.0)"


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def telling(path: Path, version: str) -> Path:
    return program(path, f'[ "$1" = --version ] && echo "{version}"')


@pytest.fixture
def talk() -> Talk:
    return Talk(Console(file=io.StringIO(), width=300))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(SETTING, raising=False)
    return folder


def said(talk: Talk) -> str:
    assert isinstance(talk.console.file, io.StringIO)
    return talk.console.file.getvalue()


@pytest.mark.parametrize("version", [NEW, BUILT_BY_GO])
async def test_the_one_on_path_is_taken(path: Path, tmp_path: Path, talk: Talk, version: str) -> None:
    there = telling(path / "temporal", version)
    found = await find_binary(talk, tmp_path)
    assert (found.path, found.source) == (there, "PATH")


async def test_a_named_one_goes_before_path(
    path: Path, tmp_path: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(path / "temporal", NEW)
    monkeypatch.setenv(SETTING, str(telling(tmp_path / "mine", NEW)))
    assert (await find_binary(talk, tmp_path)).path == tmp_path / "mine"


@pytest.mark.parametrize("version", [OLD, "not a server"])
async def test_a_named_one_that_will_not_do_is_an_error(
    path: Path, tmp_path: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv(SETTING, str(telling(tmp_path / "mine", version)))
    with pytest.raises(EmbeddedError, match=SETTING):
        await find_binary(talk, tmp_path)


async def test_an_old_one_on_path_is_left_alone_for_the_one_in_the_cache(
    path: Path, tmp_path: Path, talk: Talk
) -> None:
    telling(path / "temporal", OLD)
    cached = telling(folder_in(tmp_path) / "temporal", NEW)
    found = await find_binary(talk, tmp_path)
    assert (found.path, found.server, found.source) == (cached, "1.29.1", "the cache")
    assert "left alone" in said(talk)


async def test_with_none_at_hand_there_is_none(path: Path, tmp_path: Path, talk: Talk) -> None:
    assert await at_hand(talk, folder_in(tmp_path)) is None


async def test_go_builds_the_pinned_version_without_cgo(path: Path, tmp_path: Path, talk: Talk) -> None:
    program(path / "go", 'echo "$CGO_ENABLED $*"; echo built > "$GOBIN/temporal"')
    built = await build(tmp_path, tmp_path, talk)
    assert built == tmp_path / "temporal"
    assert built.read_text() == "built\n"
    assert (tmp_path / LOG).read_text() == f"0 install {MODULE}\n"
    assert "three minutes" in said(talk)


async def test_go_without_a_home_keeps_its_files_in_the_cache(
    path: Path, tmp_path: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "")
    program(path / "go", 'echo "$GOPATH $GOCACHE"')
    await build(tmp_path, tmp_path, talk)
    assert (tmp_path / LOG).read_text() == f"{tmp_path}/go {tmp_path}/go-build\n"


@pytest.mark.parametrize("go", ["exit 1", None])
async def test_a_build_that_fails_or_no_go_is_none(
    path: Path, tmp_path: Path, talk: Talk, go: str | None
) -> None:
    if go:
        program(path / "go", go)
    assert await build(tmp_path, tmp_path, talk) is None


async def test_a_cache_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="XDG_CACHE_HOME"):
        async with claimed(tmp_path / "file" / "cache"):
            pass


@pytest.mark.parametrize("home", ["", None])
def test_the_cache_is_in_the_home_folder_even_when_home_is_not_set(
    monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", home)
    assert cache_dir().is_absolute()
    assert cache_dir().parts[-2:] == (".cache", "tembea")
    assert len(cache_dir().parts) > 3


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "tembea"
