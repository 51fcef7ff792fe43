"""How the application is served: with our own access log, and streams that let go of their readers."""

import logging
import socket

import uvicorn
from fastapi import FastAPI

from api.parts import Parts

HEARD_BYTES = 1024
"""The longest message of a reader of live events: none is listened to."""
STOP_SECONDS = 15
"""Given to requests under way when the process is told to end."""


class Server(uvicorn.Server):
    """Streams have no end of their own: when told to end, it sends their readers to another process."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Readers first, then what the framework ends."""
        self._parts.live.end()
        await super().shutdown(sockets)


_NO_NEWS = frozenset(
    {
        "ASGI callable returned without completing response.",  # a reader was too slow: counted elsewhere
        "ASGI callable returned without completing handshake.",  # one was refused: in the access log
    }
)


def _is_news(line: logging.LogRecord) -> bool:
    """What the server takes for a fault of ours, and is none."""
    return line.msg not in _NO_NEWS


def server_of(app: FastAPI, host: str, port: int) -> Server:
    """The server of an application, to be served."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # ours: it never holds a raw path
        log_config=None,
        server_header=False,
        ws_max_size=HEARD_BYTES,
        ws_per_message_deflate=False,  # it takes memory of every reader
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    return Server(config, app.state.parts)
