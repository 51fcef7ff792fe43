"""The door to addresses that an author or a stranger can influence (SEC-01 to SEC-03)."""

from collections.abc import Container, Sequence
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from dsl.model import Json
from providers.errors import ProviderError, Unknown
from providers.http.connections import Connection
from providers.http.exchange import Bounds, exchange
from providers.http.guard import Guard, Openings, Resolve, system_resolve
from providers.http.judge import OK, judge
from providers.http.place import Params
from providers.http.redirects import Trip
from providers.http.request import Headers, Wire, build, invalid
from providers.http.road import Network, Road
from providers.reply import Reply

PROVIDER = "http"
LONGEST = 30.0
MOST_HOPS = 3
MOST_HEADERS = 64
URL_BYTES = 8 * 1024
HEAD_BYTES = 32 * 1024
BODY_BYTES = 5 * 1024 * 1024
OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that shape the exchange itself; nobody else sets them."""


class SafeHttp:
    """A client that reaches public addresses, and what `allow` (entries `host:port`) opens besides.

    Every request has a connection of its own: an idle one that closes cannot make an effect ambiguous, and a
    name is resolved and checked anew each time.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        resolve: Resolve = system_resolve,
        network: Network | None = None,
        connections: int = 50,
    ) -> None:
        guard = Guard(PROVIDER, Openings(allow), resolve)
        self._road = Road(connections, idle=None, network=network, guard=guard)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        params: Params | None = None,
        json: Json = None,
        content: bytes = b"",
        timeout: float = LONGEST,  # noqa: ASYNC109 - one deadline over all hops, and it never raises TimeoutError
        redirects: int = 0,
        expect: Container[int] = OK,
        repeatable: bool = False,
        connection: Connection | None = None,
    ) -> Reply:
        """A reply whose status is in `expect`, else a ProviderError (with the reply, if one came).

        `timeout` seconds in all (at most 30); `redirects` hops followed (at most 3). `repeatable`: the server
        honours a key, so no answer is NotSent instead of Unknown. SecretStr headers stay with their origin;
        a `connection` adds its own, and no hop may leave its hosts.
        """
        headers = {**(headers or {}), **(connection.headers() if connection else {})}
        _check_headers(headers)
        wire = build(PROVIDER, method, url, headers=headers, params=params, json=json, content=content)
        secret = {name.lower() for name, v in headers.items() if isinstance(v, SecretStr)}
        trip = Trip(
            wire,
            PROVIDER,
            seconds=min(timeout, LONGEST),
            hops=min(redirects, MOST_HOPS),
            secret=secret,
            repeatable=repeatable,
            only=connection.origins() if connection else None,
        )
        return await self._walk(trip, expect)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._road.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _walk(self, trip: Trip, expect: Container[int]) -> Reply:
        try:
            reply = await self._hop(trip)
            while trip.onward(reply):
                reply = await self._hop(trip)
            return judge(reply, PROVIDER, effect=trip.effect, expect=expect)
        except ProviderError as problem:
            if trip.done:  # whatever came later: the first hop did what was asked for
                raise Unknown(problem.code, problem.message, provider=PROVIDER, reply=problem.reply) from None
            raise

    async def _hop(self, trip: Trip) -> Reply:
        _check(trip.wire)
        trip.check()
        return await exchange(self._road, trip.wire, Bounds(trip.left()), PROVIDER, effect=trip.effect)


def _check(wire: Wire) -> None:
    """What is refused before anything is resolved; the guard refuses the rest."""
    place = wire.place
    if place.scheme not in ("http", "https") or not place.host:
        raise invalid(PROVIDER, "the address is not one of http or https")
    if place.port is not None and place.port not in range(1, 65536):
        raise invalid(PROVIDER, "the address has no possible port")
    if place.personal:
        raise invalid(PROVIDER, "the address holds a user name")
    if len(place.written) > URL_BYTES or len(wire.content) > BODY_BYTES:
        raise invalid(PROVIDER, "the address or the body is too large")


def _check_headers(headers: Headers) -> None:
    if OWN_HEADERS & {name.lower().strip() for name in headers}:
        raise invalid(PROVIDER, "a header is one that only the client itself may set")
    size = sum(len(name) + _length(value) for name, value in headers.items())
    if len(headers) > MOST_HEADERS or size > HEAD_BYTES:
        raise invalid(PROVIDER, "there are too many headers")


def _length(value: str | SecretStr) -> int:
    return len(value.get_secret_value() if isinstance(value, SecretStr) else value)
