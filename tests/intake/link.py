"""A network link that can be cut: a port that leads to a server, or nowhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

BYTES = 64 * 1024


class Link:
    """Forwards from a loopback port of its own to an address, while it is up."""

    def __init__(self, target: str, port: int) -> None:
        self.host, self.port = target.rsplit(":", 1)[0], int(target.rsplit(":", 1)[1])
        self.address = f"127.0.0.1:{port}"
        self._listening: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def up(self) -> None:
        """Lead to the server."""
        port = int(self.address.rsplit(":", 1)[1])
        self._listening = await asyncio.start_server(self._forward, "127.0.0.1", port)

    async def cut(self) -> None:
        """Lead nowhere; what is connected is torn."""
        if self._listening is None:
            return
        self._listening.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._listening.wait_closed()
        self._listening = None

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.port)
        self._writers |= {writer, back}
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._writers -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(BYTES):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def link_to(target: str, port: int) -> AsyncIterator[Link]:
    """A link that is cut at first."""
    link = Link(target, port)
    try:
        yield link
    finally:
        await link.cut()
