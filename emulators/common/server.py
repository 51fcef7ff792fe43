"""The emulator behind a real socket, on loopback alone."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import orjson
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulators.common.plant import Plant

HOST = "127.0.0.1"
START_SECONDS = 10.0
GRACE_SECONDS = 2
P = TypeVar("P", bound=Plant)


class CuttableProtocol(HttpToolsProtocol):
    """Puts the connection into the request's state, so that a fault can really close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@dataclass(slots=True)
class Running(Generic[P]):
    """An emulator that answers at `url`."""

    url: str
    port: int
    emulator: P


class Server(uvicorn.Server):
    """A server that says where it is once it can be reached."""

    def __init__(self, app: FastAPI, plant: Plant, port: int) -> None:
        settings = uvicorn.Config(
            app, http=CuttableProtocol, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS
        )
        super().__init__(settings)
        self.ready = asyncio.Event()
        self._socket = _listen(port)
        self._state_dir = plant.state_dir
        self.port: int = self._socket.getsockname()[1]
        plant.base_url = self.url

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def run_here(self) -> None:
        """Serve until asked to stop."""
        await self.serve(sockets=[self._socket])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._state_dir:
            _announce(self._state_dir, self.port, self.url)
        self.ready.set()


def _listen(port: int) -> socket.socket:
    """A listening socket whose protocol is spelled out.

    asyncio switches off Nagle's delay only where it reads TCP there; `socket.create_server` leaves it open,
    and every answer would wait 40 ms for an acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


class Embedded(Server):
    """A server inside another program, whose signals are not ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _announce(directory: Path, port: int, url: str) -> None:
    """Write `emulator.json` in one step, so that a reader never sees half of it."""
    draft = directory / f".emulator.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps({"pid": os.getpid(), "port": port, "url": url}))
    draft.replace(directory / "emulator.json")


@contextlib.asynccontextmanager
async def serving(app: FastAPI, plant: P, port: int = 0) -> AsyncIterator[Running[P]]:
    """An emulator inside this process and event loop, behind a real socket; stopped on leaving."""
    server = Embedded(app, plant, port)
    task = asyncio.create_task(server.run_here())
    try:
        async with asyncio.timeout(START_SECONDS):
            await server.ready.wait()
        yield Running(server.url, server.port, plant)
    finally:
        server.should_exit = True
        await task
