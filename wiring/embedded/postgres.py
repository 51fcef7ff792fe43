"""PostgreSQL of our own: a data folder made by initdb, a server that binds nothing but loopback."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from wiring.embedded import place
from wiring.embedded.account import postgres_account
from wiring.embedded.binaries import runnable
from wiring.embedded.database import answers
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.leftover import end_postgres_in
from wiring.files import open_state_dir, write_private
from wiring.supervise.child import Child
from wiring.supervise.child import start as start_child
from wiring.supervise.part import Account, Part
from wiring.supervise.ports import LOOPBACK, free_port

USER = "tembea"
DATABASE = "tembea"
SOCKET_PATH_LIMIT = 80  # of 104 bytes on macOS, with room for the file name
CLEAN_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "max_connections": "200",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "timezone": "UTC",
    # What plans know of new tables; until then they read each of our workspace's rows (a minute by default).
    "autovacuum_naptime": "10s",
    # The log must not repeat what people wrote: no values of a violated key, no failed statements.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class Cluster:
    """A data folder ready to be served; `home` holds the data and the socket, both closed to others."""

    home: Path
    port: int
    password: SecretStr
    programs: Path
    account: Account | None
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def socket_dir(self) -> Path | None:
        """The folder of the Unix socket; None where its path is too long for one."""
        folder = self.home / "run"
        return folder if len(bytes(folder)) <= SOCKET_PATH_LIMIT else None

    @property
    def dsn(self) -> str:
        """How to connect, password included: by the Unix socket where there is one, else by loopback."""
        login = f"postgresql://{USER}:{self.password.get_secret_value()}"
        if self.socket_dir is None:
            return self.tcp_dsn
        return f"{login}@/{DATABASE}?host={quote(str(self.socket_dir))}&port={self.port}"

    @property
    def tcp_dsn(self) -> str:
        """How to connect by loopback TCP, password included."""
        return f"postgresql://{USER}:{self.password.get_secret_value()}@{LOOPBACK}:{self.port}/{DATABASE}"

    def part(self) -> Part:
        """The server as a child process."""
        places = {"port": str(self.port), "unix_socket_directories": str(self.socket_dir or "")}
        settings = {**self.settings, **places}
        return Part(
            name="postgres",
            argv=(
                str(self.programs / "postgres"),
                *("-D", str(self.data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ),
            env=CLEAN_ENVIRONMENT,
            before=lambda: asyncio.to_thread(end_postgres_in, self.data),
            ready=lambda: answers(self.dsn),
            facts={"port": self.port, "url": f"postgresql://{LOOPBACK}:{self.port}/{DATABASE}"},
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": roll back and close, do not wait for clients
            stop_within=30.0,
        )


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    cluster: Cluster
    child: Child

    @property
    def dsn(self) -> str:
        return self.cluster.dsn

    @property
    def port(self) -> int:
        return self.cluster.port

    @property
    def pid(self) -> int:
        return self.child.pid

    async def stop(self) -> None:
        await self.child.stop()


async def start(
    state_dir: Path, *, explicit: bool = True, port: int = 0, say: place.Say = lambda _: None
) -> Postgres:
    """Serve the data of `state_dir`, made on first use, and return when it answers."""
    cluster = await asyncio.to_thread(prepare, state_dir, explicit=explicit, port=port, say=say)
    return await serve(cluster, state_dir)


async def serve(cluster: Cluster, state_dir: Path) -> Postgres:
    """Serve a cluster that was prepared for `state_dir`, and return when it answers."""
    child = await start_child(cluster.part(), open_state_dir(state_dir) / "logs")
    try:
        await child.until_ready()
    except BaseException:
        await child.stop()
        raise
    return Postgres(cluster, child)


def prepare(
    state_dir: Path,
    *,
    explicit: bool,
    port: int = 0,
    say: place.Say = lambda _: None,
    shelter: Path = place.SHELTER,
) -> Cluster:
    """Account, programs, place and data, each made where it is missing; blocks for about a second then.

    `explicit` tells whether the user named `state_dir`. Raises `EmbeddedError`.
    """
    folder = open_state_dir(state_dir)
    account = postgres_account()
    home, password = place.settle(place.Ground(folder, account, explicit, shelter), say)
    cluster = Cluster(home, port or free_port(), password, runnable(account, shelter), account)
    _furnish(cluster)
    if not cluster.data.exists():
        say("Making the database (about a second)")
        _initialise(cluster)
    return cluster


def _furnish(cluster: Cluster) -> None:
    for folder in (cluster.home, cluster.home / "run"):
        folder.mkdir(mode=0o700, exist_ok=True)
        if cluster.account:
            shutil.chown(folder, cluster.account.uid, cluster.account.gid)


def _initialise(cluster: Cluster) -> None:
    """Make the data beside its final place: an interrupted attempt leaves nothing that looks whole."""
    draft, password = cluster.home / "data.new", cluster.home / "password"
    shutil.rmtree(draft, ignore_errors=True)
    write_private(password, cluster.password.get_secret_value())
    if cluster.account:
        shutil.chown(password, cluster.account.uid, cluster.account.gid)
    try:
        _run(cluster, "initdb", "-D", str(draft), "-U", USER, f"--pwfile={password}", *_INITDB)
    finally:
        password.unlink()
    _run(cluster, "postgres", "--single", "-D", str(draft), "postgres", talk=f"CREATE DATABASE {DATABASE}\n")
    draft.rename(cluster.data)


_INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def _run(cluster: Cluster, program: str, *arguments: str, talk: str = "") -> None:
    account = cluster.account
    done = subprocess.run(  # noqa: S603  our own programs and arguments
        [str(cluster.programs / program), *arguments],
        input=talk,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
        env=CLEAN_ENVIRONMENT,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{program} failed: {done.stderr.strip()[-500:]}")
