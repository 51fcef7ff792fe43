"""The whole bench: servers, contestants, interleaved repetitions."""

import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client

from bench.contact import ACCOUNT, Contacts, Sink
from bench.contact import serving as serving_sink
from bench.contestants import Contestant, Ground, contestants
from bench.figures import Backend, Figures
from bench.load import Load
from bench.measure import Runner, Size, measured
from bench.servers import Servers, running, serving
from providers.http.pooled import Pooled
from store.database import Database
from store.migrate import upgrade
from wiring.embedded.database import create_database
from wiring.supervise.ports import free_port
from wiring.talk import Talk

QUICK = Size(closed=40, open=24, repetitions=2)
WHOLE = Size(closed=80, open=40, repetitions=5)
WARM_UP = 20
"""Conversations of each contestant before anything is measured."""
FLOW = Path(__file__).parent / "flow.json"
Told = Callable[[Figures], None]


async def bench(
    folder: Path, backends: tuple[Backend, ...], size: Size, talk: Talk, told: Told
) -> list[Figures]:
    """Every repetition of every contestant on every backend; `told` hears of each as it is measured."""
    runs: list[Figures] = []
    for backend in backends:
        async with serving(folder, backend, talk) as servers:
            async for figures in _repetitions(folder / backend, servers, backend, size, talk):
                runs.append(figures)
                told(figures)
    return runs


async def _repetitions(
    folder: Path, servers: Servers, backend: Backend, size: Size, talk: Talk
) -> AsyncIterator[Figures]:
    port, contacts = free_port(), Contacts(secrets.token_urlsafe(24))
    ground = ground_on(folder, servers, contacts, port)
    client = await Client.connect(servers.temporal)
    async with serving_sink(Sink(contacts), port), AsyncExitStack() as stack:
        runners = []
        for contestant in contestants(f"127.0.0.1:{port}-{ACCOUNT}"):
            talk.say(f"{backend}: {contestant.name}")
            runners.append(await stack.enter_async_context(standing(contestant, ground, servers)))
        load = Load(contacts, seed=1, keeps=runners[0].front)
        for runner in runners:
            await load.closed(runner.front, WARM_UP)
        for repetition in range(size.repetitions):
            # Every other time in the other order, so that none always runs on what another has left.
            for runner in runners if repetition % 2 == 0 else runners[::-1]:
                yield await measured(runner, load, client, size, backend, repetition)


def ground_on(folder: Path, servers: Servers, contacts: Contacts, port: int) -> Ground:
    """What contestants stand on, with the sink at a port of this machine."""
    sink, secret = f"http://127.0.0.1:{port}", contacts.secret.decode()
    return Ground(folder, servers.temporal, sink, ACCOUNT, secret, _key())


@asynccontextmanager
async def standing(contestant: Contestant, ground: Ground, servers: Servers) -> AsyncIterator[Runner]:
    """A contestant's processes, on a database of its own."""
    async with AsyncExitStack() as stack:
        dsn = await create_database(servers.dsn, contestant.name)
        if contestant.name == "ours":
            await upgrade(dsn)
        url, front, worker = contestant.parts(ground, dsn)
        children = [await stack.enter_async_context(running(part, ground.folder)) for part in (front, worker)]
        if contestant.name == "ours":
            await publish(url, ground, _lead(ground))
        db = await Database.open(dsn, size=2)
        stack.push_async_callback(db.close)
        pids = {"server": servers.temporal_pid, "postgres": servers.postgres_pid}
        pids |= dict(zip(("front", "worker"), (child.pid for child in children), strict=True))
        yield Runner(contestant.name, url, pids, contestant.workflow, db)


def _lead(ground: Ground) -> dict[str, Any]:
    flow: dict[str, Any] = json.loads(FLOW.read_text())
    crm = next(node for node in flow["nodes"] if node["id"] == "crm")
    crm["config"]["url"] = f"{ground.sink}/crm"
    return flow


async def publish(url: str, ground: Ground, flow: dict[str, Any]) -> None:
    """Save a flow and publish it."""
    key = {"X-API-Key": ground.key}
    async with Pooled(url, provider="tembea") as api:
        saved = await api.request("POST", "/api/v1/flows", json={"flow": flow}, headers=key, seconds=60)
        await api.request(
            "POST", f"/api/v1/flows/{saved.json()['id']}/publish", json={}, headers=key, seconds=60
        )


def _key() -> str:
    return f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
