"""A network inside the process: whatever is connected to, a script answers, in TLS where it is asked to."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from providers.http.connector import SocketInfo
from providers.http.road import Network
from tests.providers.http.certificate import certified
from torture.raw import Script, converse

NAMES = ("8.8.8.8", *(f"{name}.example" for name in ("a", "api", "b", "hooks", "shop")))
"""Whom it can be by its certificate."""
HELLO = b"\x16"
"""What TLS begins with, and HTTP never."""


class StandIn:
    """Asks `answering` for a script at each connection; OSError of it refuses the connection."""

    def __init__(self, answering: Callable[[], Script]) -> None:
        self.connected: list[tuple[str, int]] = []
        self.seen: list[bytes] = []
        self.network = Network(_Names, self._socket, certified(*NAMES).client)
        self._answering = answering
        self._talks: set[asyncio.Task[None]] = set()

    def _socket(self, info: SocketInfo) -> socket.socket:
        address: tuple[Any, ...] = info[4]
        self.connected.append((address[0], address[1]))
        script = self._answering()
        near, far = socket.socketpair()
        talk = asyncio.get_running_loop().create_task(self._talk(script, far))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        return _Joined(fileno=near.detach())

    async def _talk(self, script: Script, far: socket.socket) -> None:
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        first = await _first(far)
        if not first:
            return far.close()
        protocol = asyncio.StreamReaderProtocol(reader)
        tls = certified(*NAMES).server if first == HELLO else None
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, far, ssl=tls)
        except OSError:  # it was not believed
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        await converse(script, self.seen, reader, writer)


class _Names(AbstractResolver):
    """Every name is there, and leads to one address."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = ResolveResult(
            hostname=host, host="93.184.215.14", port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None:
        """Nothing is open."""


class _Joined(socket.socket):
    """One end of a pair: connected from the beginning, wherever it is told to go."""

    def connect(self, address: Any) -> None:
        """It is."""


async def _first(far: socket.socket) -> bytes:
    """The first byte, which stays where it is; none when the other end left."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    far.setblocking(False)
    loop.add_reader(far, there.set)
    try:
        await there.wait()
        return far.recv(1, socket.MSG_PEEK)
    finally:
        loop.remove_reader(far)
