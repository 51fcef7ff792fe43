"""What the application is built from. Whoever starts it hands the parts over; it makes none itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from api.deliveries import Deliveries
from api.live.hub import Hub
from api.patience import Patience
from api.simulating import Simulations
from dsl.kind import Kind
from intake.beliefs import Beliefs
from intake.gateway import Gateway
from intake.reports import Reporter
from providers.africastalking.payments import PaymentProvider
from providers.africastalking.port import AfricasTalkingPort
from providers.chatwoot.port import ChatwootPort
from store.database import Database
from wiring.keys import new_keys
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
    lines: Mapping[str, Channel] = field(default_factory=dict)
    """The channels of Africa's Talking, by name; their secrets stand in the path."""
    hashed: Callable[[str], str] = field(default_factory=lambda: new_keys().hashed)
    """What stands for a phone number where others may read it."""
    sender: str | None = None
    """The number or name that texts come from where nothing else is said."""
    public_url: str | None = None
    """Where providers reach us."""
    payments: PaymentProvider | None = None
    """Asked whether what a notice says of money is so."""
    africastalking: AfricasTalkingPort | None = None
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
    def reporter(self) -> Reporter:
        """Routes what providers report of effects."""
        return Reporter(self.db, self.gateway, Beliefs(self.payments, self.africastalking))

    @cached_property
    def live(self) -> Hub:
        """What the readers of live events share."""
        return Hub(self.db, self.gateway.is_open)


def parts_of(request: HTTPConnection) -> Parts:
    """The parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts
