"""The whole bench: servers, contestants, interleaved repetitions, floors, callers of USSD."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client

from bench import ussd
from bench.contact import ACCOUNT, Contacts, Sink
from bench.contact import serving as serving_sink
from bench.contestants import Contestant, Ground, contestants, least
from bench.figures import LEAST, OURS, Backend, Figures, Floor, Report, Waits
from bench.floors import Floors
from bench.load import Load
from bench.measure import Runner, Size, measured
from bench.report import report
from bench.servers import Servers, running, serving
from store.database import Database
from wiring.embedded.database import create_database
from wiring.supervise.ports import free_port
from wiring.talk import Talk


@dataclass(frozen=True)
class Plan:
    """What is measured, and how often.

    `sizes`: of lead capture by backend; floors (`floor_calls` a repetition) and USSD are measured on the
    first of them; `peers` take part there too.
    """

    sizes: Mapping[Backend, Size]
    floor_calls: int
    callers: ussd.Size
    warm_up: int = 20
    """Conversations of each contestant before anything is measured."""
    peers: Sequence[Contestant] = ()


Block = TypeVar("Block")
Told = Callable[[Figures | Floor | Waits], None]


async def bench(folder: Path, plan: Plan, talk: Talk, told: Told) -> Report:
    """All that is planned; `told` hears of each figure as it is measured."""
    found: list[Figures | Floor | Waits] = []
    for backend in plan.sizes:
        async with serving(folder, backend, talk) as servers:
            async for figures in _on(folder / backend, servers, backend, plan, talk):
                found.append(figures)
                told(figures)
    return report(
        [one for one in found if isinstance(one, Figures)],
        [one for one in found if isinstance(one, Floor)],
        [one for one in found if isinstance(one, Waits)],
    )


async def _on(
    folder: Path, servers: Servers, backend: Backend, plan: Plan, talk: Talk
) -> AsyncIterator[Figures | Floor | Waits]:
    port, contacts = free_port(), Contacts(secrets.token_urlsafe(24))
    ground = ground_on(folder, servers, contacts, port)
    client, first = await Client.connect(servers.temporal), backend == next(iter(plan.sizes))
    entrants = [*contestants(f"127.0.0.1:{port}-{ACCOUNT}"), *([*plan.peers, least()] if first else [])]
    async with serving_sink(Sink(contacts), port), AsyncExitStack() as stack:
        talk.say(f"{backend}: starting {', '.join(one.name for one in entrants)}")
        dsns = [await database_of(one, servers) for one in entrants]
        starting = zip(entrants, dsns, strict=True)
        stood = await entered(stack, [_started(one, ground, servers, dsn) for one, dsn in starting])
        runners = {runner.name: runner for runner in stood}
        speakers = [runner for name, runner in runners.items() if name != LEAST]
        async for figures in _repetitions(speakers, contacts, client, backend, plan):
            yield figures
        if first:
            async for waits in _floors(runners, client, ground, plan):
                yield waits


async def _repetitions(
    runners: Sequence[Runner], contacts: Contacts, client: Client, backend: Backend, plan: Plan
) -> AsyncIterator[Figures]:
    load, size = Load(contacts, seed=1, keeps=runners[0].front), plan.sizes[backend]
    for runner in runners:
        await load.closed(runner.front, plan.warm_up)
    for repetition in range(size.repetitions):
        # Every other time in the other order, so that none always runs on what another has left.
        for runner in runners if repetition % 2 == 0 else runners[::-1]:
            yield await measured(runner, load, client, size, backend, repetition)


async def _floors(
    runners: Mapping[str, Runner], client: Client, ground: Ground, plan: Plan
) -> AsyncIterator[Floor | Waits]:
    floors = Floors(client, runners[LEAST], plan.floor_calls, plan.callers.repetitions)
    async for floor in floors.measured():
        yield floor
    fronts = {name: runners[name].front for name in (OURS, LEAST)}
    async for waits in ussd.Callers(fronts, ground.secret, plan.callers, count(1)).measured():
        yield waits


def ground_on(folder: Path, servers: Servers, contacts: Contacts, port: int) -> Ground:
    """What contestants stand on, with the sink at a port of this machine."""
    sink, shared = f"http://127.0.0.1:{port}", contacts.secret.decode()
    key = f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    return Ground(folder, servers.temporal, sink, ACCOUNT, shared, key)


@asynccontextmanager
async def standing(contestant: Contestant, ground: Ground, servers: Servers) -> AsyncIterator[Runner]:
    """A contestant's processes, on a database of its own."""
    dsn = await database_of(contestant, servers)
    async with _started(contestant, ground, servers, dsn) as runner:
        yield runner


async def database_of(contestant: Contestant, servers: Servers) -> str:
    """Its new database; one at a time: Alembic can do no two."""
    dsn = await create_database(servers.dsn, contestant.name, template=contestant.template)
    await contestant.before(dsn)
    return dsn


@asynccontextmanager
async def _started(
    contestant: Contestant, ground: Ground, servers: Servers, dsn: str
) -> AsyncIterator[Runner]:
    async with AsyncExitStack() as stack:
        parts = contestant.parts(ground, dsn)
        children = await entered(stack, [running(part, ground.folder) for part in parts.children.values()])
        await contestant.after(parts, ground)
        db = await Database.open(dsn, size=2)
        stack.push_async_callback(db.close)
        pids = {role: child.pid for role, child in zip(parts.children, children, strict=True)}
        pids["postgres"] = servers.postgres_pid
        if contestant.workflow:
            pids["server"] = servers.temporal_pid
        yield Runner(contestant.name, parts.url, pids, contestant.workflow, db)


async def entered(stack: AsyncExitStack, blocks: Sequence[AbstractAsyncContextManager[Block]]) -> list[Block]:
    """What all of them give, entered at once; they end with the stack."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(stack.enter_async_context(block)) for block in blocks]
    return [task.result() for task in tasks]
