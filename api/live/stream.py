"""The two ways to send a reading: server-sent events, and a WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import WebSocket
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from api.live.hub import Full
from api.live.reading import Reading, envelope, in_time
from store.live import Event

MEDIA_TYPE = "text/event-stream"
COME_BACK = b"retry: 2000\n\n"
"""Milliseconds after which an EventSource that was cut comes again."""
HEARTBEAT = b":\n\n"
AGAIN, NORMAL = 1013, 1000
"""WebSocket codes: come again, and: that was all."""


class EventStream(Response):
    """A response that goes on for as long as its reading, its reader and the process do."""

    media_type = MEDIA_TYPE

    def __init__(self, reading: Reading) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.reading = reading

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send until the end."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

        async def write(chunk: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

        async def go_on() -> None:
            await write(COME_BACK)
            async for page in self.reading.pages():
                if not await in_time(write(b"".join(map(_lines, page)) or HEARTBEAT)):
                    return
            await write(b"", more=False)

        await _while_there(go_on, lambda: _until_gone(receive))


def _lines(event: Event) -> bytes:
    return f"id: {event.seq}\ndata: {envelope(event)}\n\n".encode()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def serve(websocket: WebSocket, reading: Reading) -> None:
    """Send a reading on a socket that was just asked for; what the reader says is not listened to."""
    await websocket.accept()

    async def go_on() -> None:
        code = AGAIN
        try:
            async for page in reading.pages():
                for event in page:
                    if not await in_time(websocket.send_text(envelope(event))):
                        return
                code = NORMAL if page and page[-1].is_last else AGAIN
        except Full:
            code = AGAIN
        await websocket.close(code)

    async def hang_up() -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass

    await _while_there(go_on, hang_up)


async def _while_there(work: Callable[[], Awaitable[None]], gone: Callable[[], Awaitable[None]]) -> None:
    """Work, until the other side is gone."""
    tasks = [asyncio.ensure_future(work()), asyncio.ensure_future(gone())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for error in results:
        if isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect | OSError):
            raise error
