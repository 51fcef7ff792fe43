"""What the application is built from. Whoever starts it hands the parts over; it makes none itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from api.deliveries import Deliveries
from api.live.hub import Hub
from api.patience import Patience
from api.simulating import Simulations
from dsl.kind import Kind
from intake.gateway import Gateway
from providers.chatwoot.port import ChatwootPort
from store.database import Database
from wiring.packages import Custom
from wiring.remote_codec import RemoteCodec

WORKSPACE = "default"
"""The workspace of the environment's own channel and of the first key."""


@dataclass(frozen=True)
class Channel:
    """A webhook address: where its events belong, and what signs them (any of several secrets)."""

    name: str
    connection: str
    secrets: tuple[SecretStr, ...] = ()
    allow_unsigned: bool = False
    workspace: str = WORKSPACE


@dataclass(frozen=True)
class Parts:
    """The servers and tables of the application."""

    db: Database
    gateway: Gateway
    catalogue: Mapping[str, type[Kind]]
    channels: Mapping[str, Channel]
    version: str
    cors_origins: tuple[str, ...] = ()
    custom: Custom = field(default_factory=Custom)
    """The kinds of the catalogue that came with installed packages."""
    connections: frozenset[str] | None = None
    """Names of the operator's connections; None where they are not known."""
    chatwoot: ChatwootPort | None = None
    """The environment's own Chatwoot, which the first workspace's flows speak on; None without one."""
    temporal_ui: str | None = None
    """Where Temporal's Web UI shows our namespace: `http://…/namespaces/default`."""
    codec: RemoteCodec | None = None
    """Opens Temporal's payloads to those who may see them."""
    deliveries: Deliveries = field(default_factory=Deliveries)
    patience: Patience = field(default_factory=Patience)
    simulations: Simulations = field(default_factory=Simulations)

    @cached_property
    def live(self) -> Hub:
        """What the readers of live events share."""
        return Hub(self.db, self.gateway.is_open)


def parts_of(request: HTTPConnection) -> Parts:
    """The parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts
