"""The way out: aiohttp moves the bytes, and nothing of what else it could do for us is on."""

import io
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import httpx
from aiohttp import (
    ClientConnectorError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from providers.http.connector import Connector, MakeSocket, SocketInfo
from providers.http.guard import Guard
from providers.http.place import USUAL, Place
from providers.http.progress import Progress, current
from providers.http.request import Wire

LINE_BYTES = 64 * 1024
"""Of one header; together with their number it bounds what a head can cost."""
HEADERS = 128
AT_ONCE = 1024 * 1024
"""Bytes of a body that are written in one go."""
EXACT = 24 * 3600.0
"""Seconds from which on aiohttp may round a limit up."""


@cache
def tls() -> ssl.SSLContext:
    """The one TLS context; the environment cannot change whom it trusts."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


def plain_socket(info: SocketInfo) -> socket.socket:
    """A socket of the system."""
    family, kind, protocol, *_ = info
    return socket.socket(family, kind, protocol)


@dataclass(frozen=True)
class Network:
    """What connections are made over: names, sockets, and whom TLS trusts (None: the usual ones)."""

    names: Callable[[], AbstractResolver] = ThreadedResolver
    socket: MakeSocket = plain_socket
    tls: ssl.SSLContext | None = None


class Road:
    """The connections of one client, opened when first needed, in the loop that needs them.

    `most` at a time, kept for `idle` seconds (None: one for each request); `guard` says where they may lead.
    """

    def __init__(
        self, most: int, *, idle: float | None, network: Network | None = None, guard: Guard | None = None
    ) -> None:
        self._most = most
        self._idle = idle
        self._network = network or Network()
        self._guard = guard
        self._session: ClientSession | None = None

    async def ask(
        self, wire: Wire, progress: Progress, *, connect: float, read: float | None = None
    ) -> ClientResponse:
        """The head of the answer, from the first address that takes it; end with `progress.leave()`.

        `connect` seconds for a connection, TLS included; `read` between two pieces of the answer.
        """
        limits = ClientTimeout(sock_connect=connect, sock_read=read, ceil_threshold=EXACT)
        *others, last = await self._ways(wire.place, progress)
        for way in others:
            with suppress(ClientConnectorError):
                return await self._over(way, wire, progress, limits)
        return await self._over(last, wire, progress, limits)

    async def aclose(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ways(self, place: Place, progress: Progress) -> Sequence[URL]:
        """Behind a guard only literal addresses are asked for: the name is looked up once, and checked."""
        if self._guard is None:
            return [place.url()]
        port = place.port or USUAL[place.scheme]
        progress.only = await self._guard.checked(place.host, port)
        return [place.url(address) for address in progress.only]

    async def _over(self, way: URL, wire: Wire, progress: Progress, limits: ClientTimeout) -> ClientResponse:
        token = current.set(progress)
        try:
            progress.response = await self._opened().request(
                wire.method,
                way,
                headers=[("host", wire.place.netloc), *wire.headers],
                data=_body(wire.content),
                allow_redirects=False,
                server_hostname=wire.place.host,
                timeout=limits,
            )
        finally:
            current.reset(token)
        return progress.response

    def _opened(self) -> ClientSession:
        if self._session is None:
            below = self._network
            self._session = ClientSession(
                connector=Connector(self._most, self._idle, below.tls or tls(), below.names(), self._socket),
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=["content-type"],  # the others are in every wire
                auto_decompress=False,
                trust_env=False,
                max_line_size=LINE_BYTES,
                max_field_size=LINE_BYTES,
                max_headers=HEADERS,
            )
        return self._session

    def _socket(self, info: SocketInfo) -> socket.socket:
        """The last look: what a socket is made for is what it is connected to."""
        only = current.get().only
        if only is not None and info[4][0] not in only:
            raise OSError("not an address that was checked")
        return self._network.socket(info)


def _body(content: bytes) -> bytes | io.BytesIO | None:
    return io.BytesIO(content) if len(content) > AT_ONCE else content or None
