"""Where a redirect leads, and what may be carried there (SEC-02)."""

import time
from collections.abc import Collection
from dataclasses import replace

import httpx

from providers.errors import Failed
from providers.http.request import QUESTIONS, Wire
from providers.reply import Reply

REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPING = frozenset({307, 308})
PRIVATE = frozenset({b"authorization", b"cookie"})
BODY = frozenset({b"content-type", b"content-length"})

Origin = tuple[str, str, int | None]


class Trip:
    """A request on its way over at most `hops` redirects; all of it within `seconds`."""

    def __init__(
        self,
        wire: Wire,
        provider: str,
        *,
        seconds: float,
        hops: int,
        secret: Collection[bytes],
        repeatable: bool,
        only: Collection[Origin] | None = None,
    ) -> None:
        self.wire = wire
        self.done = False
        """An earlier hop has had its effect: the rest only asks how it went."""
        self._provider = provider
        self._until = time.monotonic() + seconds
        self._hops = hops
        self._private = PRIVATE | frozenset(secret)
        self._repeatable = repeatable
        self._only = only

    @property
    def effect(self) -> bool:
        """Whether the hop at hand does something that must not be done twice."""
        return self.wire.method not in QUESTIONS and not self._repeatable

    def check(self) -> None:
        """Raises Failed where the hop at hand leaves the origins it is kept to."""
        if self._only is not None and origin_of(self.wire.url) not in self._only:
            text = "the connection is not meant for this address"
            raise Failed("HOST_NOT_ALLOWED", text, provider=self._provider)

    def left(self) -> float:
        """Seconds left."""
        return max(self._until - time.monotonic(), 0.0)

    def onward(self, reply: Reply) -> bool:
        """Go where the reply points; False when the trip is over. Raises Failed where it may not lead."""
        location = reply.headers.get("location")
        if self._hops <= 0 or reply.status not in REDIRECTS or location is None:
            return False
        self._hops -= 1
        self.done |= self.effect and reply.status not in KEEPING
        self.wire = self._carried(_onward(self.wire, reply.status, self._target(location)))
        return True

    def _carried(self, onward: Wire) -> Wire:
        """The next request with only what may leave the origin."""
        if origin_of(onward.url) == origin_of(self.wire.url):
            return onward
        if self.wire.url.scheme == "https" and onward.url.scheme != "https":
            raise self._refused("the redirect leads from https to http")
        if onward.content:
            raise self._refused("the redirect asks to carry the body to another origin")
        return replace(onward, headers=_without(onward, self._private))

    def _target(self, location: str) -> httpx.URL:
        try:
            return self.wire.url.join(location)
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise self._refused("the redirect leads to no valid address") from None

    def _refused(self, why: str) -> Failed:
        return Failed("REDIRECT_REFUSED", why, provider=self._provider)


def _onward(wire: Wire, status: int, url: httpx.URL) -> Wire:
    if status in KEEPING or wire.method in QUESTIONS:
        return replace(wire, url=url)
    return replace(wire, method="GET", url=url, content=b"", headers=_without(wire, BODY))


def _without(wire: Wire, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in wire.headers if name.lower() not in names]


def origin_of(url: httpx.URL) -> Origin:
    """Scheme, host and port, which is None where the scheme says it."""
    return url.scheme, url.host, url.port
