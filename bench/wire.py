"""HTTP at the least cost, both ends: the load shares its processors with what it measures."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools

IDLE_SECONDS = 4.0
"""Below the 5 s after which uvicorn closes: a request must not race a closing connection."""
JSON = "application/json"

Address = tuple[str, int]


class Reply(NamedTuple):
    """What a server said."""

    status: int
    body: bytes


class WireError(Exception):
    """A server hung up, or said something that is no success."""


Answer = Callable[[str, str, bytes], bytes]
"""From a method, a path and a body: the JSON of a success. LookupError: there is no such path."""


class _Served(asyncio.Protocol):
    """One connection of a client, which asks one thing at a time."""

    def __init__(self, answer: Answer, after: float, open: set[asyncio.Transport]) -> None:
        self._answer, self._after, self._open = answer, after, open
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url, self._body = b"", b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        asyncio.get_running_loop().call_later(
            self._after, self._reply, method, self._url.decode(), self._body
        )

    def _reply(self, method: str, path: str, body: bytes) -> None:
        try:
            status, said = "200 OK", self._answer(method, path, body)
        except LookupError:
            status, said = "404 Not Found", b"{}"
        head = f"HTTP/1.1 {status}\r\ncontent-type: {JSON}\r\ncontent-length: {len(said)}\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head.encode() + said)


@asynccontextmanager
async def serving(answer: Answer, port: int, *, after: float) -> AsyncIterator[None]:
    """A server on loopback; each call is answered `after` so many seconds."""
    loop, open = asyncio.get_running_loop(), set[asyncio.Transport]()
    server = await loop.create_server(lambda: _Served(answer, after, open), "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for transport in open:
            transport.close()
        await asyncio.sleep(0)  # they close in the loop's next turn


class _Line(asyncio.Protocol):
    """One connection to a server, which is asked one thing at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[Reply] | None = None
        self._body = b""
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @property
    def closed(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a whole request; what comes back."""
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._reply

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body = b""

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._reply and not self._reply.done():
            self._reply.set_result(Reply(self._parser.get_status_code(), self._body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._reply and not self._reply.done():
            self._reply.set_exception(WireError(f"the server hung up: {exc or 'without a word'}"))


@dataclass
class Client:
    """Keeps its connections; `within`: seconds for an answer."""

    within: float = 30.0
    _idle: defaultdict[Address, list[_Line]] = field(default_factory=lambda: defaultdict(list))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The answer, whatever its status; raises WireError, OSError, TimeoutError."""
        where = urlsplit(url)
        address = (where.hostname or "", where.port or 80)
        line = self._rested(address) or await self._dialled(address)
        try:
            async with asyncio.timeout(self.within):
                reply = await line.ask(_request(where.netloc, where.path, body, headers))
        except BaseException:
            line.close()
            raise
        line.idle_since = asyncio.get_running_loop().time()
        self._idle[address].append(line)
        return reply

    def _rested(self, address: Address) -> _Line | None:
        lines, now = self._idle[address], asyncio.get_running_loop().time()
        while lines:
            line = lines.pop()
            if not line.closed and now - line.idle_since < IDLE_SECONDS:
                return line
            line.close()
        return None

    async def _dialled(self, address: Address) -> _Line:
        _, line = await asyncio.get_running_loop().create_connection(_Line, *address)
        return line

    def close(self) -> None:
        """Hang up."""
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()


def _request(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n{told}\r\n".encode() + body
    )
