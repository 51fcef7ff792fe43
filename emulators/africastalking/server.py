"""The emulator behind a real socket, on loopback alone."""

from contextlib import AbstractAsyncContextManager

from emulators.africastalking.app import create_app
from emulators.africastalking.config import Config
from emulators.africastalking.emulator import Emulator
from emulators.common import server
from emulators.common.server import Server

Running = server.Running[Emulator]


def server_of(config: Config, port: int) -> Server:
    """The emulator as a process' own server."""
    app = create_app(config)
    return Server(app, app.state.emulator, port)


def running(config: Config, port: int = 0) -> AbstractAsyncContextManager[Running]:
    """An emulator inside this process and event loop, behind a real socket; stopped on leaving."""
    app = create_app(config)
    return server.serving(app, app.state.emulator, port)
