"""A longer wire: a server is reached by way of a port that hands its words on late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 64 * 1024


@asynccontextmanager
async def slowed(port: int, seconds: float) -> AsyncIterator[int]:
    """A port before a server on loopback, each of whose answers comes so much later."""
    pumps: set[asyncio.Task[None]] = set()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours, theirs = await asyncio.open_connection("127.0.0.1", port)
        for pump in (_pump(reader, theirs, 0.0), _pump(ours, writer, seconds)):
            task = asyncio.create_task(pump)
            pumps.add(task)
            task.add_done_callback(pumps.discard)

    server = await asyncio.start_server(joined, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(pumps):
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Hand on what comes, in order; what comes in one answer is late once."""
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            loop.call_later(seconds, writer.write, chunk)
    loop.call_later(seconds, writer.close)
