"""Answers that go on: read line by line, as they come."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import ClientResponse

from providers.errors import NotSent, ProviderError
from providers.http.body import read_body
from providers.http.exchange import CONNECT_SECONDS, MIB, TROUBLE, headers_of
from providers.http.judge import OK, judge
from providers.http.progress import Progress
from providers.http.request import Wire
from providers.http.road import Road
from providers.reply import Reply

MOST_LINE = MIB
"""Bytes of a line; more is no text that we asked for."""


class Flow(NamedTuple):
    """The status, and the lines without their ends; reading them raises NotSent once it is lost."""

    status: int
    lines: AsyncIterator[str]


@asynccontextmanager
async def opened(road: Road, wire: Wire, provider: str, quiet: float) -> AsyncIterator[Flow]:
    """Ask, and read for as long as the block goes on; raises ProviderError unless the status is 2xx.

    `quiet`: seconds without a byte after which the connection counts as lost.
    """
    progress = Progress()
    try:
        response = await _asked(road, wire, progress, provider, quiet)
        if response.status not in OK:
            raise await _refusal(response, provider)
        yield Flow(response.status, _lines(response, provider))
    finally:
        progress.leave()


async def _asked(road: Road, wire: Wire, progress: Progress, provider: str, quiet: float) -> ClientResponse:
    try:
        return await road.ask(wire, progress, connect=CONNECT_SECONDS, read=quiet)
    except TROUBLE:
        raise _lost(provider) from None


async def _refusal(response: ClientResponse, provider: str) -> ProviderError:
    headers = headers_of(response)
    try:
        body = await read_body(response.content.iter_any(), headers, MIB)
        judge(Reply(response.status, headers, body), provider, effect=False)
    except ProviderError as error:
        return error
    except TROUBLE:
        return _lost(provider)
    raise AssertionError("a status that is not 2xx is refused")


async def _lines(response: ClientResponse, provider: str) -> AsyncIterator[str]:
    rest = b""
    try:
        async for chunk in response.content.iter_any():
            *whole, rest = (rest + chunk).split(b"\n")
            if len(rest) > MOST_LINE:
                raise _lost(provider)
            for line in whole:
                yield line.removesuffix(b"\r").decode(errors="replace")
    except TROUBLE:
        raise _lost(provider) from None


def _lost(provider: str) -> ProviderError:
    return NotSent("CONNECTION_LOST", "the connection could not be had, or was lost", provider=provider)
