"""Many live readers, some of them slow, and PostgreSQL restarted in the middle: nobody misses an event."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from api.live import reading
from api.metrics import DROPPED
from dsl.messages import Scene
from store import record
from store.database import Database
from store.ids import new_id
from store.migrate import upgrade
from tests.api.serving import served
from tests.faults.road import LEAD, Parlour, Road, opened_road
from tests.servers import scratch_state_dir
from tests.store.made import flush, line
from torture.checker.live import ENDS, Told, gaps
from wiring.embedded import postgres
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = [pytest.mark.real, pytest.mark.timeout(570)]

READERS = 40
CONVERSATIONS = 4
NOISE = 600
"""Flushes of an execution which tells more than sockets hold, so that a slow reader is in the way."""
SMALL = 8 * 1024
"""Bytes that a socket holds: what does not fit is in the way at once."""


@dataclass
class Reader:
    """Takes an execution's events to the end; comes again after its last one whenever it is cut."""

    address: str
    key: str
    execution: str
    stalls: int = 0
    by_socket: bool = False
    told: list[Told] = field(default_factory=list)
    came: int = 0

    async def run(self) -> None:
        """Until it was told the end."""
        while not self.told or self.told[-1].type not in ENDS:
            self.came += 1
            try:
                async for text in self._stream():
                    self._take(orjson.loads(text))
                    await self._stall()
            except (OSError, ConnectionClosed, InvalidHandshake, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.1)

    def _take(self, event: dict[str, Any]) -> None:
        self.told.append(Told(self.execution, event["seq"], event["type"]))

    async def _stall(self) -> None:
        """A slow one leaves lines unread for longer than the server is patient."""
        if self.stalls and len(self.told) % 100 == 50:
            self.stalls -= 1
            await asyncio.sleep(6 * reading.SEND_SECONDS)

    def _stream(self) -> AsyncIterator[bytes | str]:
        return self._socket() if self.by_socket else self._sent_events()

    async def _socket(self) -> AsyncIterator[bytes | str]:
        url = f"ws://{self.address}/ws/execution/{self.execution}?after={len(self.told)}"
        async with connect(url, additional_headers={"X-API-Key": self.key}) as stream:
            async for text in stream:
                yield text

    async def _sent_events(self) -> AsyncIterator[bytes | str]:
        async with self._connected() as (reader, writer):
            path = f"/api/v1/executions/{self.execution}/events"
            head = f"X-API-Key: {self.key}\r\nLast-Event-ID: {len(self.told)}\r\n"
            writer.write(f"GET {path} HTTP/1.0\r\n{head}\r\n".encode())
            while written := await reader.readline():
                if written.startswith(b"data:"):
                    yield written[5:]

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        with socket.socket() as plain:
            plain.setblocking(False)
            if self.stalls:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            host, port = self.address.split(":")
            await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
            reader, writer = await asyncio.open_connection(sock=plain, limit=SMALL)
            try:
                yield reader, writer
            finally:
                writer.close()


async def converse(road: Road, conversation: str) -> None:
    """A conversation to its end; what is refused is told again."""
    for count, text in enumerate(("hello", "Asha", "no address", "asha@example.com"), 1):
        webhook = await road.write(conversation, text)
        while True:
            try:
                await road.tell(webhook)
                break
            except AssertionError:  # PostgreSQL is away
                await asyncio.sleep(0.2)
        await road.until_said(conversation, count, seconds=120)


async def make_noise(db: Database, scene: Scene) -> None:
    """An execution that tells a lot, and then ends."""
    for n in range(1, NOISE + 1):
        lines = [line(2 * n + at, label="much ado about nothing " * 20) for at in (-1, 0)]
        await persist(db, scene, *lines, at=n)
    await persist(db, scene, at=NOISE + 1, number=2 * NOISE, status="completed")


async def persist(db: Database, scene: Scene, *lines: Any, at: int, **standing: Any) -> None:
    """A flush, as often as it takes."""
    while True:
        try:
            await record.apply(db, flush(scene, *lines, at=at, **standing))
            return
        except Exception:
            await asyncio.sleep(0.2)


async def executions(road: Road, count: int) -> list[str]:
    """The executions of the conversations, once all have begun."""
    while True:
        rows = await road.db.fetch("SELECT id FROM executions WHERE lane_id IS NOT NULL")
        if len(rows) == count:
            return [row[0] for row in rows]
        await asyncio.sleep(0.1)


async def test_every_reader_is_told_everything_in_order_whoever_is_slow_and_whatever_restarts(
    temporal: Temporal, tmp_path: Path, examples: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SEND_SECONDS", 0.5)
    keys, meeting, dropped = load_or_create(tmp_path, ""), Parlour(), DROPPED._value.get()
    count = examples or READERS
    with scratch_state_dir() as folder:
        async with AsyncExitStack() as stack:
            server = await postgres.start(folder)
            stack.push_async_callback(server.stop)
            await upgrade(server.dsn)
            road = await stack.enter_async_context(opened_road(server.dsn, temporal.address, meeting, keys))
            addresses = [await stack.enter_async_context(served(app, SMALL)) for app in road.apps]
            await road.publish(LEAD)
            noisy = Scene(
                workspace="default", execution_id=new_id(), flow_id=new_id(), flow_version=1, lane=new_id()
            )
            await persist(road.db, noisy, at=0, number=0)
            talks = [asyncio.create_task(converse(road, await meeting.start())) for _ in range(CONVERSATIONS)]
            ids = [*await executions(road, CONVERSATIONS + 1)]
            ordinary = [id for id in ids if id != noisy.execution_id]
            readers = [
                Reader(addresses[n % 2], road.key, ordinary[n % CONVERSATIONS], by_socket=n % 3 == 0)
                for n in range(count * 9 // 10)
            ]
            readers += [
                Reader(addresses[n % 2], road.key, noisy.execution_id, stalls=2) for n in range(count // 10)
            ]
            reading_all = [asyncio.create_task(reader.run()) for reader in readers]
            noise = asyncio.create_task(make_noise(road.db, noisy))
            await asyncio.sleep(1)
            await server.stop()
            await asyncio.sleep(1)
            again = await postgres.start(folder, port=server.port)
            stack.push_async_callback(again.stop)
            async with asyncio.timeout(500):
                await asyncio.gather(noise, *talks, *reading_all)
            heads = {row[0]: row[1] for row in await road.db.fetch("SELECT id, events FROM executions")}
            rows = await road.db.fetch(
                "SELECT execution_id, seq, type FROM execution_events ORDER BY execution_id, seq"
            )
            assert gaps((Told(*row) for row in rows), heads) == []
            for reader in readers:
                assert gaps(reader.told, {reader.execution: heads[reader.execution]}) == []
            assert min(heads.values()) > 10
            assert DROPPED._value.get() > dropped
