"""How far a request has come: only who knows that can tell an effect not sent from one unknown (G15)."""

import asyncio
from collections.abc import Collection
from contextvars import ContextVar

from aiohttp import ClientResponse
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from providers.reply import Reply


class Progress:
    """What is known of one request: whether a byte may have left, and the head of the answer."""

    def __init__(self) -> None:
        self.sent = False
        """A connection is in hand: from here on nobody can say that nothing has left."""
        self.head: Reply | None = None
        self.only: Collection[str] | None = None
        """The addresses it may be connected to; None where any will do."""
        self.response: ClientResponse | None = None
        self._line: tuple[Connection, ResponseHandler, asyncio.Transport | None] | None = None

    def take(self, connection: Connection, protocol: ResponseHandler) -> None:
        """The request goes over this connection."""
        self.sent = True
        self._line = connection, protocol, connection.transport

    def leave(self) -> None:
        """Cut the connection now, unless it is kept: a polite end waits for the peer, 30 s and longer."""
        if self.response is not None:
            self.response.close()
        if self._line is not None:
            connection, protocol, transport = self._line
            kept = connection.protocol is None and protocol.transport is not None
            if transport is not None and not kept:
                transport.abort()


current: ContextVar[Progress] = ContextVar("current")
"""Of the request that this task is sending."""
