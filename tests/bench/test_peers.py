"""Where a peer cannot be fetched, the bench says which and why; what has been fetched is used."""

from pathlib import Path

import pytest

from bench.peers.fetched import SERVER, PeersError, restate_server
from wiring.talk import QUIET


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


async def test_without_npm_there_is_no_restate_and_the_bench_says_so(cache: Path) -> None:
    with pytest.raises(PeersError, match="npm registry and there is no npm here"):
        await restate_server(QUIET)


async def test_a_registry_that_is_not_reachable_is_told_with_where_its_words_are(cache: Path) -> None:
    npm = cache / "bin" / "npm"
    npm.write_text("#!/bin/sh\necho 'no such host'\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(PeersError, match=r"Restate's server \(npm\) could not be fetched, see .*fetch.log"):
        await restate_server(QUIET)
    log = cache / "tembea" / "peers" / SERVER.rpartition("@")[2] / "fetch.log"
    assert "no such host" in log.read_text()


async def test_what_was_fetched_before_is_used(cache: Path) -> None:
    folder = cache / "tembea" / "peers" / SERVER.rpartition("@")[2]
    program = folder / "node_modules/@restatedev/restate-server-linux-x64/bin/restate-server"
    program.parent.mkdir(parents=True)
    program.write_text("")
    program.chmod(0o755)
    assert await restate_server(QUIET) == program
