"""Building requests from what callers give, without ever quoting it in an error."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode

import httpx
import orjson
from pydantic import SecretStr

from dsl.model import Json
from providers.errors import Failed
from providers.http.place import Params, Place, read

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
QUESTIONS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask for nothing to be done."""
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")
"""What headers carry (RFC 9110, 5.1 and 5.5), without what is obsolete."""

Headers = Mapping[str, str | SecretStr]
Upload = tuple[str, tuple[str, bytes, str]]
"""A multipart field: its name and (file name, content, media type)."""

OURS = {"user-agent": "tembea/0.1", "accept": "*/*", "accept-encoding": "identity"}
_base = lru_cache(maxsize=64)(read)


@dataclass(frozen=True)
class Wire:
    """A request ready to be sent; its repr shows nothing but the method. `headers` lack the host."""

    method: str
    place: Place = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    content: bytes = field(default=b"", repr=False)


def build(
    provider: str,
    method: str,
    url: str,
    path: str = "",
    *,
    headers: Headers | None = None,
    params: Params | None = None,
    json: Json = None,
    content: bytes = b"",
    files: Sequence[Upload] = (),
    data: Mapping[str, str] | None = None,
) -> Wire:
    """A request to `path` under `url`; `json` None means none.

    Raises Failed(INVALID_REQUEST), quoting nothing.
    """
    given = {name.lower(): _reveal(value) for name, value in (headers or {}).items()}
    if json is not None:
        content = dumped(provider, json)
        given.setdefault("content-type", "application/json")
    elif files or data:
        kind, content = _form(files, data or {})
        given.setdefault("content-type", kind)
    if method not in METHODS:
        raise invalid(provider, "the method is not one of " + ", ".join(sorted(METHODS)))
    try:
        place = _base(url).under(path, params)
        _check(given)
    except (TypeError, ValueError):
        # From None: the original can quote the address or the header's value.
        raise invalid(provider, "the address or a header is not valid") from None
    return Wire(method, place, [*(OURS | given).items()], content)


def _check(headers: Mapping[str, str]) -> None:
    if not all(NAME.fullmatch(name) and VALUE.fullmatch(value) for name, value in headers.items()):
        raise ValueError("it holds a character that headers cannot carry")


def _form(files: Sequence[Upload], data: Mapping[str, str]) -> tuple[str, bytes]:
    """Media type and bytes of a form."""
    if not files:
        return "application/x-www-form-urlencoded", urlencode(data).encode()
    form = httpx.Request("POST", "http://form", files=list(files), data=data)
    return form.headers["content-type"], form.read()


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
