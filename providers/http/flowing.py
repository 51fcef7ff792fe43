"""Answers that go on: read line by line, as they come."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpcore

from providers.errors import NotSent, ProviderError
from providers.http.body import read_body
from providers.http.exchange import CONNECT_SECONDS, MIB, TROUBLE, headers_of
from providers.http.judge import OK, judge
from providers.http.request import Wire
from providers.reply import Reply

MOST_LINE = MIB
"""Bytes of a line; more is no text that we asked for."""


class Flow(NamedTuple):
    """The status, and the lines without their ends; reading them raises NotSent once it is lost."""

    status: int
    lines: AsyncIterator[str]


@asynccontextmanager
async def opened(
    pool: httpcore.AsyncConnectionPool, wire: Wire, provider: str, quiet: float
) -> AsyncIterator[Flow]:
    """Ask, and read for as long as the block goes on; raises ProviderError unless the status is 2xx.

    `quiet`: seconds without a byte after which the connection counts as lost.
    """
    patience = {"connect": CONNECT_SECONDS, "read": quiet, "write": quiet, "pool": quiet}
    try:
        response = await pool.handle_async_request(wire.core({"timeout": patience}))
    except TROUBLE:
        raise _lost(provider) from None
    try:
        if response.status not in OK:
            raise await _refusal(response, provider)
        yield Flow(response.status, _lines(response, provider))
    finally:
        await response.aclose()


async def _refusal(response: httpcore.Response, provider: str) -> ProviderError:
    headers = headers_of(response)
    try:
        body = await read_body(response.aiter_stream(), headers, MIB)
        judge(Reply(response.status, headers, body), provider, effect=False)
    except ProviderError as error:
        return error
    except TROUBLE:
        return _lost(provider)
    raise AssertionError("a status that is not 2xx is refused")


async def _lines(response: httpcore.Response, provider: str) -> AsyncIterator[str]:
    rest = b""
    try:
        async for chunk in response.aiter_stream():
            *whole, rest = (rest + chunk).split(b"\n")
            if len(rest) > MOST_LINE:
                raise _lost(provider)
            for line in whole:
                yield line.removesuffix(b"\r").decode(errors="replace")
    except TROUBLE:
        raise _lost(provider) from None


def _lost(provider: str) -> ProviderError:
    return NotSent("CONNECTION_LOST", "the connection could not be had, or was lost", provider=provider)
