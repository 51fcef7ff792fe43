"""A server that answers with exactly the bytes it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Raw:
    """A server on loopback, what it was asked and over how many connections."""

    port: int = 0
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def here(self) -> str:
        """As an entry of the allow-list."""
        return f"127.0.0.1:{self.port}"


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; underscores in header names stand for dashes."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items())]
    if "content_length" not in headers:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(*answers: bytes) -> Script:
    """Give the answers in turn, the last one ever after."""
    left = list(answers)

    async def script(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return script


def then_cut(start: bytes = b"") -> Script:
    """Write the beginning of an answer and close."""

    async def script(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        writer.close()

    return script


async def silence(_: bytes, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the client leaves."""
    await writer.wait_closed()


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Raw]:
    """The server while inside; every connection is gone afterwards."""
    raw, tasks = Raw(), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.connections += 1
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        await converse(script, raw.seen, reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def converse(
    script: Script, seen: list[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Hear requests and answer them after the script, until one side has enough."""
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
        while not writer.is_closing():
            seen.append(await _request(reader))
            await script(seen[-1], writer)
    writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)
