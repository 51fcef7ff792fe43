"""What the application is built from. Whoever starts it hands the parts over; it makes none itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from pydantic import SecretStr

from api.deliveries import Deliveries
from dsl.kind import Kind
from intake.gateway import Gateway
from store.database import Database

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
    deliveries: Deliveries = field(default_factory=Deliveries)


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts
