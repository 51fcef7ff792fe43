"""Connections as one request may have them: a new one, or a kept one that is sound, and never a second.

By itself aiohttp repeats a request of an idempotent method whose kept connection broke (RFC 9110, 9.2.2). For
us that is an effect done twice behind the ledger's back: who asks a second time is refused.
"""

import select
import socket
import ssl
from collections.abc import Callable
from weakref import WeakSet

from aiohttp import ClientRequest, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from providers.http.progress import current

SocketInfo = tuple[int, int, int, str, tuple[object, ...]]
"""Family, type, protocol, name and address of a socket to be: as `getaddrinfo` has them."""
MakeSocket = Callable[[SocketInfo], socket.socket]


class AskedTwice(Exception):
    """The request had its connection already."""


class Connector(TCPConnector):
    """At most `most` connections at a time, kept for `idle` seconds; None: one for each request."""

    def __init__(
        self, most: int, idle: float | None, tls: ssl.SSLContext, names: AbstractResolver, make: MakeSocket
    ) -> None:
        self._met: WeakSet[ResponseHandler] = WeakSet()
        super().__init__(
            limit=most,
            ssl=tls,
            resolver=names,
            use_dns_cache=False,
            socket_factory=make,
            **({"force_close": True} if idle is None else {"keepalive_timeout": idle}),
        )

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - the interface is aiohttp's
    ) -> Connection:
        """The connection for a request, of which its progress is told. Raises AskedTwice."""
        mine = current.get()
        if mine.sent:
            raise AskedTwice
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None, "handed out a moment ago"
            if self._sound(connection, protocol):
                break
            connection.close()
        if req.headers.get("connection") == "close":
            protocol.force_close()  # not every server does so when it is asked to
        mine.take(connection, protocol)
        return connection

    def _sound(self, connection: Connection, protocol: ResponseHandler) -> bool:
        """New, or kept and silent: what came unasked answers nothing (RFC 9112, 9.2), or it is the end."""
        new = protocol not in self._met
        self._met.add(protocol)
        return new or not (protocol.should_close or _readable(connection))


def _readable(connection: Connection) -> bool:
    """Whether something came that the loop has not seen yet."""
    assert connection.transport is not None, "only connections that stand are kept"
    poll = select.poll()
    poll.register(connection.transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))
