"""The SSRF guard of newer releases: no webhook to an address of a private network."""

import asyncio
import ipaddress

import httpx


class Refused(OSError):
    """A target the guard does not let through."""


async def refuse_private(url: str) -> None:
    """Raise `Refused` unless the host of `url` has a public address."""
    host = httpx.URL(url).host
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError as problem:
        raise Refused(f"Failed to resolve hostname '{host}'") from problem
    if not any(ipaddress.ip_address(answer[4][0]).is_global for answer in answers):
        raise Refused(f"Hostname '{host}' has no public ip addresses")
