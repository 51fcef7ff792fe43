"""A whole Tembea on one cluster of PostgreSQL, Temporal's databases too, before providers that stay."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.cluster import binaries
from bench.cluster.server import Cluster as Temporal
from bench.cluster.server import configured
from bench.cluster.tables import write_tables
from bench.servers import running
from wiring.embedded.postgres import Cluster
from wiring.files import ROOT
from wiring.phones import Phones
from wiring.probe import answered
from wiring.stand_in import StandIn
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.talk import Talk


@dataclass(frozen=True)
class House:
    """What stays the same over a restore; `port` is the API's."""

    folder: Path
    postgres: Cluster
    programs: binaries.Programs
    chatwoot: StandIn
    phones: Phones
    port: int
    key: str

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @asynccontextmanager
    async def providers(self) -> AsyncIterator[None]:
        """Chatwoot and Africa's Talking, which remember all that they were asked for."""
        async with AsyncExitStack() as stack:
            for one in (self.chatwoot, self.phones):
                part = one.part(self.folder / one.name, self.url)
                await stack.enter_async_context(running(part, self.folder))
            yield

    @asynccontextmanager
    async def life(self, restored_at: datetime | None = None) -> AsyncIterator[None]:
        """Servers, API and worker on the data as they are; Temporal's tables are made the first time."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(running(self.postgres.part(), self.folder))
            if restored_at is None and not (self.folder / "temporal").exists():
                await write_tables(self.programs, self.postgres.tcp_dsn)
            temporal = configured(self.programs, self.folder, self.postgres.tcp_dsn)
            for part in (temporal.part(), *self._ours(temporal, restored_at)):
                await stack.enter_async_context(running(part, self.folder))
            yield

    def _ours(self, temporal: Temporal, restored_at: datetime | None) -> tuple[Part, Part]:
        flag, told = self.folder / "worker.ready", self._told(temporal.address)
        restored = {"TEMBEA_RESTORED_AT": restored_at.isoformat()} if restored_at else {}

        async def serves() -> bool:
            return await answered(self.url, "GET", "/readyz")

        async def works() -> bool:
            return flag.exists()

        flag.unlink(missing_ok=True)
        return (
            _process("api", {**told, "HOST": LOOPBACK, "PORT": str(self.port)}, serves),
            _process("worker", {**told, **restored, "TEMBEA_READY_FILE": str(flag)}, works),
        )

    def _told(self, temporal: str) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.postgres.dsn,
            "TEMPORAL_ADDRESS": temporal,
            "TEMBEA_STATE_DIR": str(self.folder),
            "TEMBEA_BOOTSTRAP_API_KEY": self.key,
            **self.chatwoot.environment(self.url),
            **self.phones.environment(self.url),
        }


async def built(folder: Path, postgres: Cluster, key: str, talk: Talk) -> House:
    """A house on a prepared PostgreSQL; building Temporal's server may take minutes, once."""
    programs = await binaries.find(talk)
    return House(folder, postgres, programs, StandIn(free_port()), Phones(free_port()), free_port(), key)


def _process(module: str, env: Mapping[str, str], ready: Callable[[], Awaitable[bool]]) -> Part:
    argv = (sys.executable, "-m", module)
    return Part(name=module, argv=argv, env=env, ready=ready, cwd=ROOT, stop_within=1)
