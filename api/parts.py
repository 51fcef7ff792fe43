"""What the application is built from. Whoever starts it hands the parts over; it makes none itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from api.deliveries import Deliveries
from api.live.hub import Hub
from api.patience import Patience
from dsl.kind import Kind
from intake.gateway import Gateway
from store.database import Database
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
    temporal_ui: str | None = None
    """Where Temporal's Web UI shows our namespace: `http://…/namespaces/default`."""
    codec: RemoteCodec | None = None
    """Opens Temporal's payloads to those who may see them."""
    deliveries: Deliveries = field(default_factory=Deliveries)
    patience: Patience = field(default_factory=Patience)

    @cached_property
    def live(self) -> Hub:
        """What the readers of live events share."""
        return Hub(self.db, self.gateway.is_open)


def parts_of(request: HTTPConnection) -> Parts:
    """The parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts
