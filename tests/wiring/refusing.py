"""A gRPC server that refuses every call with the same words, but the first of each connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from wiring.supervise.ports import LOOPBACK

PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
ACK, END_HEADERS, END_STREAM = 1, 4, 1
GRPC = {"content-type": "application/grpc"}
OK, UNAVAILABLE = {"grpc-status": "0"}, {"grpc-status": "14"}
NOTHING = bytes(5)
"""An empty message: a client asks first what a server can do."""


@asynccontextmanager
async def refusing(words: str) -> AsyncIterator[str]:
    """Its address (`host:port`)."""
    server = await asyncio.start_server(partial(_serve, words), LOOPBACK, 0)
    try:
        yield f"{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _serve(words: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    refused = False
    try:
        await reader.readexactly(PREFACE)
        writer.write(_frame(SETTINGS, 0, 0))
        while True:
            kind, flags, stream, body = await _read(reader)
            if kind == HEADERS:
                writer.write(_refusal(stream, words) if refused else _nothing(stream))
                refused = True
            elif kind in (SETTINGS, PING) and not flags & ACK:
                writer.write(_frame(kind, ACK, 0, body if kind == PING else b""))
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, int, int, bytes]:
    head = await reader.readexactly(9)
    body = await reader.readexactly(int.from_bytes(head[:3]))
    return head[3], head[4], int.from_bytes(head[5:]), body


def _frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return len(body).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + body


def _refusal(stream: int, words: str) -> bytes:
    told = _started(**GRPC, **UNAVAILABLE, **{"grpc-message": words})
    return _frame(HEADERS, END_HEADERS | END_STREAM, stream, told)


def _nothing(stream: int) -> bytes:
    begun = _frame(HEADERS, END_HEADERS, stream, _started(**GRPC)) + _frame(DATA, 0, stream, NOTHING)
    return begun + _frame(HEADERS, END_HEADERS | END_STREAM, stream, _packed(**OK))


def _started(**told: str) -> bytes:
    """The indexed `:status 200`, and the others."""
    return b"\x88" + _packed(**told)


def _packed(**told: str) -> bytes:
    """Headers in HPACK, each literally."""
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in told.items())


def _text(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()
