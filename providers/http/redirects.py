"""Where a redirect leads, and what may be carried there (SEC-02)."""

import time
from collections.abc import Collection
from dataclasses import replace

from providers.errors import Failed
from providers.http.place import Origin, Place
from providers.http.request import QUESTIONS, Wire
from providers.reply import Reply

REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPING = frozenset({307, 308})
PRIVATE = frozenset({"authorization", "cookie"})
BODY = frozenset({"content-type"})


class Trip:
    """A request on its way over at most `hops` redirects; all of it within `seconds`."""

    def __init__(
        self,
        wire: Wire,
        provider: str,
        *,
        seconds: float,
        hops: int,
        secret: Collection[str],
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
        if self._only is not None and self.wire.place.origin not in self._only:
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
        if onward.place.origin == self.wire.place.origin:
            return onward
        if self.wire.place.scheme == "https" and onward.place.scheme != "https":
            raise self._refused("the redirect leads from https to http")
        if onward.content:
            raise self._refused("the redirect asks to carry the body to another origin")
        return replace(onward, headers=_without(onward, self._private))

    def _target(self, location: str) -> Place:
        try:
            return self.wire.place.join(location)
        except ValueError:
            raise self._refused("the redirect leads to no valid address") from None

    def _refused(self, why: str) -> Failed:
        return Failed("REDIRECT_REFUSED", why, provider=self._provider)


def _onward(wire: Wire, status: int, place: Place) -> Wire:
    if status in KEEPING or wire.method in QUESTIONS:
        return replace(wire, place=place)
    return replace(wire, method="GET", place=place, content=b"", headers=_without(wire, BODY))


def _without(wire: Wire, names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in wire.headers if name not in names]
