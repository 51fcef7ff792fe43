"""Kinds of settings: what each must look like, said without repeating it."""

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, HttpUrl, SecretStr, StringConstraints, TypeAdapter
from pydantic_settings import NoDecode

from providers.africastalking.phone import e164
from providers.http.connections import read_connections

SIGNING_BYTES = range(24, 65)
"""What the Standard Webhooks convention asks of a secret."""
_PATH_SECRET = re.compile(r"[A-Za-z0-9_-]{32,255}")
_HTTP_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


def _split(written: object) -> object:
    if not isinstance(written, str):
        return written
    return tuple(part for part in (part.strip() for part in re.split(r"[,\n]", written)) if part)


def _lower(written: object) -> object:
    return written.strip().lower() if isinstance(written, str) else written


def _postgres(url: SecretStr) -> SecretStr:
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("starts with postgresql://")
    return SecretStr(f"postgresql://{rest}")


def _web_address(url: str) -> str:
    _HTTP_URL.validate_python(url)
    return url.rstrip("/")


def _path_secret(secret: SecretStr) -> SecretStr:
    if not _PATH_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("is 32 to 255 letters, digits, - or _")
    return secret


def _path_secrets(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    return tuple(map(_path_secret, secrets))


def _phone(written: str) -> str:
    number = e164(written) if written.startswith("+") else None
    if number is None:
        raise ValueError("is a phone number as +254700000111")
    return number


def _receiver(url: str) -> str:
    parts = urlsplit(str(_HTTP_URL.validate_python(url)))
    if parts.username or parts.password or parts.fragment:
        raise ValueError("holds neither a user nor a fragment")
    return url


def _signing(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for secret in secrets:
        prefix, _, encoded = secret.get_secret_value().rpartition("whsec_")
        try:
            size = len(base64.b64decode(encoded, validate=True))
        except binascii.Error:
            size = 0
        if prefix or size not in SIGNING_BYTES:
            raise ValueError("is whsec_ and 24 to 64 bytes in base64")
    return secrets


def _of_connections(secret: SecretStr) -> SecretStr:
    read_connections(secret.get_secret_value())
    return secret


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
SecretList = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]
HostPort = Annotated[str, StringConstraints(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+):[0-9]{1,5}$")]
Postgres = Annotated[SecretStr, AfterValidator(_postgres)]
Lower = BeforeValidator(_lower)
WebAddress = Annotated[str, AfterValidator(_web_address)]
HostPorts = Annotated[tuple[HostPort, ...], NoDecode, BeforeValidator(_split)]
PathSecret = Annotated[SecretStr, AfterValidator(_path_secret)]
PathSecrets = Annotated[SecretList, AfterValidator(_path_secrets)]
Phone = Annotated[str, AfterValidator(_phone)]
ReceiverUrl = Annotated[str, AfterValidator(_receiver)]
SigningSecrets = Annotated[SecretList, AfterValidator(_signing)]
ConnectionsJson = Annotated[SecretStr, AfterValidator(_of_connections)]
