"""Building requests from what callers give, without ever quoting it in an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
import orjson
from pydantic import SecretStr

from dsl.model import Json
from providers.errors import Failed

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
QUESTIONS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask for nothing to be done."""

Headers = Mapping[str, str | SecretStr]
Params = Mapping[str, str | int | float | bool | Sequence[str | int] | None]
Upload = tuple[str, tuple[str, bytes, str]]
"""A multipart field: its name and (file name, content, media type)."""

OURS = {"user-agent": "tembea/0.1", "accept": "*/*", "accept-encoding": "identity"}


@dataclass(frozen=True)
class Wire:
    """A request ready to be sent; its repr shows nothing but the method. `headers` lack the host."""

    method: str
    url: httpx.URL = field(repr=False)
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    content: bytes = field(default=b"", repr=False)

    def core(self, extensions: dict[str, Any]) -> httpcore.Request:
        """The same request in the words of the connection pool."""
        url = httpcore.URL(
            scheme=self.url.raw_scheme,
            host=self.url.raw_host,
            port=self.url.port,
            target=self.url.raw_path,
        )
        headers = [(b"host", self.url.netloc), *self.headers]
        return httpcore.Request(
            self.method, url, headers=headers, content=self.content, extensions=extensions
        )


def build(
    provider: str,
    method: str,
    url: str,
    *,
    headers: Headers | None = None,
    params: Params | None = None,
    json: Json = None,
    content: bytes = b"",
    files: Sequence[Upload] = (),
    data: Mapping[str, str] | None = None,
) -> Wire:
    """A request from its parts; `json` None means none. Raises Failed(INVALID_REQUEST), quoting nothing."""
    given = {**OURS, **{name.lower(): _reveal(value) for name, value in (headers or {}).items()}}
    if json is not None:
        content = dumped(provider, json)
        given.setdefault("content-type", "application/json")
    try:
        request = httpx.Request(
            method,
            _address(url, params),
            headers=given,
            content=content or None,
            files=files or None,
            data=data,
        )
        return _checked(provider, method, request)
    except (httpx.InvalidURL, UnicodeError, TypeError, ValueError):
        # From None: the original quotes the address or the header's value.
        raise invalid(provider, "the address or a header is not valid") from None


def _address(url: str, params: Params | None) -> httpx.URL:
    parsed = httpx.URL(url)
    return parsed.copy_merge_params(dict(params)) if params else parsed


def _checked(provider: str, method: str, request: httpx.Request) -> Wire:
    if method not in METHODS:
        raise invalid(provider, "the method is not one of " + ", ".join(sorted(METHODS)))
    pairs = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
    if any(not name or _unprintable(name) or _unprintable(value) for name, value in pairs):
        raise invalid(provider, "a header holds a character that headers cannot carry")
    return Wire(method, request.url, pairs, request.read())


def _unprintable(text: bytes) -> bool:
    return any(byte != 9 and not 32 <= byte < 127 for byte in text)


def _reveal(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def dumped(provider: str, value: Json) -> bytes:
    """A body of JSON; raises Failed(INVALID_REQUEST)."""
    try:
        return orjson.dumps(value)
    except TypeError:  # lone surrogates, integers beyond 64 bits, depth
        raise invalid(provider, "the body cannot be written as JSON") from None


def invalid(provider: str, why: str) -> Failed:
    """The error for a request that cannot be made at all."""
    return Failed("INVALID_REQUEST", why, provider=provider)
