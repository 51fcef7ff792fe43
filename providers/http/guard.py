"""The network as SafeHttp sees it: names are resolved here, only checked addresses are connected to."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

from providers.errors import Failed, NotSent
from providers.http.addresses import canonical, is_public

PORTS = frozenset({80, 443})
TRIES = 4
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a host, literal; raises OSError or UnicodeError when it has none."""


async def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Openings:
    """What the operator opened beyond public addresses on ports 80 and 443: entries `host:port`."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._open = {_entry(entry) for entry in entries}

    def named(self, host: str, port: int) -> bool:
        """Whether this host, by name or literal address, is opened at this port."""
        return (canonical(host.strip("[]")), port) in self._open


class Guard:
    """Says which addresses a host may be reached at; a name has one answer per connection."""

    def __init__(self, provider: str, openings: Openings, resolve: Resolve) -> None:
        self._provider = provider
        self._openings = openings
        self._resolve = resolve

    async def checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses to try; one forbidden answer among many forbids them all. Raises Failed, NotSent."""
        answers = await self._answers(host, port)
        opened = self._openings.named(host, port)
        if not opened and not all(self._allowed(answer, port) for answer in answers):
            raise self._blocked()
        return answers[:TRIES]

    def _allowed(self, address: str, port: int) -> bool:
        if self._openings.named(address, port):
            return True
        return port in PORTS and is_public(address)

    async def _answers(self, host: str, port: int) -> Sequence[str]:
        try:
            answers = await self._resolve(host, port)
        except (OSError, UnicodeError):
            answers = []
        if not answers:
            raise NotSent("DNS_FAILED", "the host's name could not be resolved", provider=self._provider)
        return answers

    def _blocked(self) -> Failed:
        # It does not say which address: an author could map the network by it.
        return Failed("ADDRESS_BLOCKED", "the address is not allowed", provider=self._provider)


def _entry(entry: str) -> tuple[str, int]:
    host, _, port = entry.strip().rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) not in range(1, 65536):
        raise ValueError(f"an opened address must be host:port, not {entry!r}")
    return canonical(host.strip("[]")), int(port)
