"""The application on a real port: readers that are slow, cut or late need sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from api.serving import server_of


@asynccontextmanager
async def served(app: FastAPI, send_buffer: int | None = None) -> AsyncIterator[str]:
    """`127.0.0.1:port` of the application, as its process serves it; `send_buffer`: bytes of each socket."""
    server = server_of(app, "127.0.0.1", 0)
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0.01)
    [listener] = server.servers[0].sockets
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    try:
        yield "{}:{}".format(*listener.getsockname())
    finally:
        server.should_exit = True
        await task


def parsed(text: str) -> list[dict[str, Any]]:
    """The events in the text of a stream."""
    return [orjson.loads(line[5:]) for line in text.splitlines() if line.startswith("data:")]


@asynccontextmanager
async def following(
    address: str, execution: str, key: str, after: int = 0
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """A reader by server-sent events."""
    url = f"http://{address}/api/v1/executions/{execution}/events?after={after}"
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", url, headers={"X-API-Key": key}) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.aiter_lines():
        if line.startswith("data:"):
            yield orjson.loads(line[5:])
