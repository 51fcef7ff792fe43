"""Where a request goes: addresses are read here and nowhere else, so that all who check one see the same."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx
from yarl import URL

USUAL = {"http": 80, "https": 443}
PLAIN = re.compile(r"(?:/(?!\.)[A-Za-z0-9_~:@,=+.-]*)*")
"""Paths that mean themselves: nothing to escape, no segment that begins with a dot."""

Origin = tuple[str, str, int | None]
Params = Mapping[str, str | int | float | bool | Sequence[str | int] | None]


@dataclass(frozen=True)
class Place:
    """An address in its parts: host in ASCII without brackets, port None where the scheme says it."""

    scheme: str
    host: str
    port: int | None
    target: str
    """Path and query, escaped."""
    personal: bool = False
    """A user is named in it."""

    @property
    def origin(self) -> Origin:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """Host and port as the header `Host` has them."""
        host = _bracketed(self.host)
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def written(self) -> str:
        """The whole of it, without a user."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    def under(self, path: str, params: Params | None = None) -> "Place":
        """What `path` leads to from here, asked with `params`. Raises ValueError."""
        place = self
        if path and PLAIN.fullmatch(path):
            place = self._with(self.target.removesuffix("/") + path)
        elif path:
            place = read(self.written.removesuffix("/") + path)
        return place._asked(params) if params else place

    def join(self, location: str) -> "Place":
        """Where a redirect from here leads. Raises ValueError."""
        return _parts(lambda: httpx.URL(self.written).join(location))

    def url(self, address: str | None = None) -> URL:
        """The same in the words of the connector; a literal `address` stands in for the host."""
        path, _, query = self.target.partition("?")
        return URL.build(
            scheme=self.scheme,
            host=_bracketed(address or self.host),
            port=self.port,
            path=path,
            query_string=query,
            encoded=True,  # not a character is to be changed any more
        )

    def _asked(self, params: Params) -> "Place":
        if "?" in self.target:
            return _parts(lambda: httpx.URL(self.written).copy_merge_params(dict(params)))
        return self._with(f"{self.target}?{httpx.QueryParams(dict(params))}")

    def _with(self, target: str) -> "Place":
        return Place(self.scheme, self.host, self.port, target, self.personal)


def read(text: str) -> Place:
    """The address written there. Raises ValueError, which does not quote it."""
    return _parts(lambda: httpx.URL(text))


def _parts(make: Callable[[], httpx.URL]) -> Place:
    try:
        url = make()
    except (httpx.InvalidURL, UnicodeError, TypeError, ValueError):
        raise ValueError("is no address") from None
    return Place(
        url.scheme,
        url.raw_host.decode(),
        None if url.port == USUAL.get(url.scheme) else url.port,
        url.raw_path.decode(),
        bool(url.userinfo),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
