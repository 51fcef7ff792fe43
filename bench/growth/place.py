"""The product on its servers, its worker processes coming and going as each measurement wants them."""

import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from temporalio.client import Client

from bench.bench import ground_on
from bench.contact import Contacts, Sink
from bench.contact import serving as serving_sink
from bench.contestants import Ground, publish
from bench.figures import Backend
from bench.growth.flows import Json
from bench.growth.people import People
from bench.servers import Servers, cpu_seconds, running, serving
from store.database import Database
from store.migrate import upgrade
from wiring.embedded.database import create_database
from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.child import Child
from wiring.supervise.part import Part
from wiring.supervise.ports import free_port
from wiring.talk import Talk

STOP_WITHIN = 20.0


@dataclass(frozen=True)
class Place:
    """Servers, an API process, people who write to it, and the sink that hears what they are told."""

    folder: Path
    servers: Servers
    ground: Ground
    client: Client
    people: People
    dsn: str
    db: Database
    url: str
    api: Child
    said: Talk
    published: set[str] = field(default_factory=set)

    def worker(self, name: str = "worker", **settings: str) -> AbstractAsyncContextManager[Child]:
        """A worker process, ready."""
        return running(self._part(name, "worker", settings), self.folder)

    @asynccontextmanager
    async def single(self, **settings: str) -> AsyncIterator[tuple[str, Child]]:
        """API and worker in one process, ready, and where it listens."""
        port = free_port()
        url, told = f"http://127.0.0.1:{port}", {**settings, "HOST": "127.0.0.1", "PORT": str(port)}
        async with running(self._part("single", "single", told, url), self.folder) as child:
            yield url, child

    def used(self, **processes: Child) -> dict[str, float]:
        """Seconds of processor time so far, by process; servers and API are always among them."""
        pids = {"server": self.servers.temporal_pid, "postgres": self.servers.postgres_pid}
        pids |= {"api": self.api.pid} | {name: child.pid for name, child in processes.items()}
        return {name: cpu_seconds(pid) for name, pid in pids.items()}

    def workflow(self, conversation: int) -> str:
        """The id of a conversation's workflow."""
        sink = self.ground.sink.removeprefix("http://")
        return f"default/{sink}-{self.ground.account}/{conversation}"

    async def publish(self, *flows: Json) -> None:
        """Let flows run that do not yet."""
        for flow in flows:
            if flow["id"] not in self.published:
                await publish(self.url, self.ground, flow)
                self.published.add(flow["id"])

    def _part(self, name: str, module: str, settings: Mapping[str, str], url: str = "") -> Part:
        """A process that works, and answers where it has a `url`."""
        flag = self.folder / f"{name}.ready"
        env = {**self.ground.told(self.dsn), "TEMBEA_READY_FILE": str(flag), **settings}

        async def before() -> None:
            flag.unlink(missing_ok=True)

        async def ready() -> bool:
            return flag.exists() and (not url or await answered(url, "GET", "/readyz"))

        argv = (sys.executable, "-m", module)
        return Part(
            name=name, argv=argv, before=before, ready=ready, env=env, cwd=ROOT, stop_within=STOP_WITHIN
        )


@asynccontextmanager
async def opened(folder: Path, backend: Backend, said: Talk) -> AsyncIterator[Place]:
    """A place with nothing published and no worker."""
    contacts, port = Contacts(secrets.token_hex(24)), free_port()
    people = People(contacts)
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(serving(folder, backend, said))
        here = folder / backend
        ground = ground_on(here, servers, contacts, port)
        await stack.enter_async_context(serving_sink(Sink(contacts), port))
        dsn = await create_database(servers.dsn, "ours")
        await upgrade(dsn)
        db = await Database.open(dsn, size=2)
        stack.push_async_callback(db.close)
        client = await Client.connect(servers.temporal)
        url, api = await stack.enter_async_context(front(here, ground, dsn))
        yield Place(here, servers, ground, client, people, dsn, db, url, api, said)


@asynccontextmanager
async def front(folder: Path, ground: Ground, dsn: str) -> AsyncIterator[tuple[str, Child]]:
    """An API process, ready, and where it listens."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {**ground.told(dsn), "HOST": "127.0.0.1", "PORT": str(port)}

    async def ready() -> bool:
        return await answered(url, "GET", "/readyz")

    part = Part(name="api", argv=(sys.executable, "-m", "api"), ready=ready, env=env, cwd=ROOT, stop_within=5)
    async with running(part, folder) as child:
        yield url, child


def resident(child: Child | int) -> int:
    """Bytes of memory that a process has now, without those it has started."""
    pid = child if isinstance(child, int) else child.pid
    return int(psutil.Process(pid).memory_info().rss)
