"""What is done to the wires between our processes and their servers."""

import asyncio
import time

import asyncpg
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from torture import toxiproxy
from torture.house import House
from torture.nemesis.fault import Fault
from torture.toxiproxy import Link
from wiring.supervise.ports import LOOPBACK

TOXICS: dict[str, tuple[str, dict[str, int], float]] = {
    "late by 200 ms": ("latency", {"latency": 200}, 12),
    "late by 2 s": ("latency", {"latency": 2000}, 15),
    "late by chance": ("latency", {"latency": 300, "jitter": 280}, 12),
    "reset": ("reset_peer", {"timeout": 0}, 8),
    "half open": ("timeout", {"timeout": 0}, 15),
    "narrow": ("bandwidth", {"rate": 10}, 12),
    "cut": ("cut", {}, 12),
}
"""By what people call it: the toxic, its attributes, and for how many seconds."""
PATIENCE = 3.0
SLOWER = 0.15
"""Seconds by which an answer must be later to be called late."""
ASKED_BEFORE = 3
"""The fastest counts: a machine that was busy for a moment is no measure of the wire."""
ANSWER = "SELECT repeat('x', 15000)"


class Wire(Fault):
    """One wire, spoilt."""

    def __init__(self, part: str, server: str, toxic: str) -> None:
        self._part, self._server, self._toxic = part, server, toxic
        self._name, self._attributes, self.seconds = TOXICS[toxic]
        self._before: float | None = None

    @property
    def kind(self) -> str:
        return f"wire {self._toxic}"

    @property
    def what(self) -> str:
        return f"wire {self._part}-{self._server} {self._toxic} for {self.seconds:g} s"

    async def begin(self, house: House) -> None:
        answers = [await asked(self._link(house), house) for _ in range(ASKED_BEFORE)]
        self._before = min((taken for taken in answers if taken is not None), default=None)
        assert house.proxy
        await toxiproxy.poison(house.proxy, self._link(house), self._name, self._attributes)

    async def end(self, house: House) -> str | None:
        during = await asked(self._link(house), house)
        assert house.proxy
        await toxiproxy.heal(house.proxy)
        return proof(self._before, during)

    def _link(self, house: House) -> Link:
        return next(link for link in house.links if (link.part, link.server) == (self._part, self._server))


def proof(before: float | None, during: float | None) -> str | None:
    """What a question over the wire took before the fault and during it, where that differs."""
    if before is None:
        return None
    if during is None:
        return f"a question took {before:.3f} s before, and got no answer during it"
    return (
        f"a question took {before:.3f} s before, {during:.3f} s during it"
        if during > before + SLOWER
        else None
    )


async def asked(link: Link, house: House) -> float | None:
    """Seconds that a question over the wire takes; None where no answer comes."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            await (_ask_temporal(link) if link.server == "temporal" else _ask_postgres(link, house))
    except (OSError, RuntimeError, RPCError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    return time.monotonic() - began


async def _ask_postgres(link: Link, house: House) -> None:
    connection = await asyncpg.connect(house.environment(link.part)["DATABASE_URL"])
    try:
        await connection.fetchval(ANSWER)
    finally:
        connection.terminate()


async def _ask_temporal(link: Link) -> None:
    client = await Client.connect(f"{LOOPBACK}:{link.port}")
    await client.workflow_service.get_system_info(GetSystemInfoRequest())
