"""Connections: what the operator lets flows prove themselves with, by name, and where (SEC-05)."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from dsl.model import Json
from providers.errors import Failed
from providers.http.place import Origin, read

HIDDEN = "[hidden]"
SHORTEST = 6
"""Characters; a shorter one would be found everywhere in an answer."""
ConnectionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]{0,63}$")]


def _origin(written: str) -> str:
    place = read(written if "://" in written else f"https://{written}")
    if place.scheme not in ("http", "https") or not place.host or place.personal or place.target != "/":
        raise ValueError("is a host (https), host:port, or http://host:port")
    return place.written


class Connection(BaseModel, ABC):
    """Credentials and the hosts that may see them: `crm.example.org` (https alone), or an origin `http://…`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    hosts: list[Annotated[str, AfterValidator(_origin)]] = Field(min_length=1, max_length=50)

    @abstractmethod
    def headers(self) -> dict[str, SecretStr]:
        """What a request carries."""

    def secrets(self) -> Iterator[str]:
        """Every value that nobody may see."""
        for name in type(self).model_fields:
            if isinstance(value := getattr(self, name), SecretStr):
                yield value.get_secret_value()
        yield from (value.get_secret_value().rpartition(" ")[2] for value in self.headers().values())

    def origins(self) -> frozenset[Origin]:
        """Where it may be used."""
        return frozenset(read(host).origin for host in self.hosts)

    def hide(self, value: Json) -> Json:
        """A value without our credentials, which some servers tell back."""
        long = {secret for secret in self.secrets() if len(secret) >= SHORTEST}
        return _without(value, sorted(long, key=len, reverse=True))


class Bearer(Connection):
    """A token in `Authorization: Bearer …`."""

    type: Literal["bearer"]
    token: SecretStr = Field(min_length=1)

    def headers(self) -> dict[str, SecretStr]:
        return {"authorization": SecretStr(f"Bearer {self.token.get_secret_value()}")}


class Header(Connection):
    """A key in a header of its own."""

    type: Literal["header"]
    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9\-]{0,63}$")
    value: SecretStr = Field(min_length=1)

    def headers(self) -> dict[str, SecretStr]:
        return {self.name: self.value}


class Basic(Connection):
    """User and password; some use the user's name as their key."""

    type: Literal["basic"]
    user: SecretStr = Field(min_length=1)
    password: SecretStr = SecretStr("")

    def headers(self) -> dict[str, SecretStr]:
        pair = f"{self.user.get_secret_value()}:{self.password.get_secret_value()}"
        return {"authorization": SecretStr(f"Basic {base64.b64encode(pair.encode()).decode()}")}


def _without(value: Json, secrets: Sequence[str]) -> Json:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, list):
        return [_without(each, secrets) for each in value]
    if isinstance(value, dict):
        return {str(_without(name, secrets)): _without(each, secrets) for name, each in value.items()}
    return value


Connections = Mapping[str, Connection]
_Any = Annotated[Bearer | Header | Basic, Field(discriminator="type")]
_ALL: TypeAdapter[dict[ConnectionName, _Any]] = TypeAdapter(dict[ConnectionName, _Any])


def read_connections(text: str) -> Connections:
    """Connections by name from their JSON. Raises ValueError, which names the place and never quotes it."""
    try:
        return dict(_ALL.validate_json(text))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise ValueError(f"is not a JSON object of connections: {place}: {first['type']}") from None


def named(connections: Connections, name: str) -> Connection:
    """The connection of that name; Failed(UNKNOWN_CONNECTION) where there is none."""
    if name not in connections:
        raise Failed("UNKNOWN_CONNECTION", f"There is no connection '{name}'.", provider="http")
    return connections[name]
