"""One request, one answer: the only place that sends, and so the only one that knows whether it did."""

import asyncio
from dataclasses import dataclass

from aiohttp import ClientError, ClientResponse, InvalidURL, NonHttpUrlClientError
from aiohttp.http_exceptions import HttpProcessingError

from providers.errors import Failed, NotSent, ProviderError
from providers.http.body import FlawedBody, read_body
from providers.http.connector import AskedTwice
from providers.http.judge import no_answer
from providers.http.progress import Progress
from providers.http.request import Wire
from providers.http.road import Road
from providers.reply import Reply

MIB = 1024 * 1024
CONNECT_SECONDS = 10.0
TROUBLE = (
    OSError,
    UnicodeError,  # a host name that no resolver takes
    FlawedBody,
    AskedTwice,
    ClientError,
    HttpProcessingError,
)
"""What a conversation can break on; anything else is a bug and flies on."""


@dataclass(frozen=True)
class Bounds:
    """What one exchange may cost: seconds in all, bytes of body (sent, and decoded), number of headers."""

    seconds: float
    body: int = 5 * MIB
    headers: int = 100


async def exchange(road: Road, wire: Wire, bounds: Bounds, provider: str, *, effect: bool) -> Reply:
    """Send and read. Any status is a reply; raises NotSent, Failed or (an effect, once sent) Unknown."""
    progress = Progress()
    try:
        async with asyncio.timeout(bounds.seconds):
            return await _converse(road, wire, bounds, progress)
    except TROUBLE as problem:
        # From None: the libraries' errors can quote an address or a header's value.
        if progress.head is not None:
            return Reply(progress.head.status, progress.head.headers, flaw=_code(problem, sent=True))
        raise _silence(problem, progress.sent, provider, effect) from None
    finally:
        progress.leave()


async def _converse(road: Road, wire: Wire, bounds: Bounds, progress: Progress) -> Reply:
    # A limit of its own for the connection: time is left to try another address.
    connect = min(bounds.seconds / 2, CONNECT_SECONDS)
    response = await road.ask(wire, progress, connect=connect)
    head = progress.head = Reply(response.status, headers_of(response))
    if len(response.raw_headers) > bounds.headers:
        raise FlawedBody("RESPONSE_TOO_LARGE")
    content = await read_body(response.content.iter_any(), head.headers, bounds.body)
    return Reply(head.status, head.headers, content)


def headers_of(response: ClientResponse) -> dict[str, str]:
    """By lower-case name; repeated ones joined, as HTTP allows."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in response.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _silence(problem: Exception, sent: bool, provider: str, effect: bool) -> ProviderError:
    if not sent and isinstance(problem, InvalidURL | NonHttpUrlClientError):
        return Failed("INVALID_REQUEST", "the request cannot be sent", provider=provider)
    code = _code(problem, sent=sent)
    if not sent:
        return NotSent(code, "it could not be reached", provider=provider)
    return no_answer(code, "no answer came", provider, effect=effect)


def _code(problem: Exception, *, sent: bool) -> str:
    if isinstance(problem, FlawedBody):
        return problem.code
    if isinstance(problem, TimeoutError):
        return "TIMEOUT" if sent else "CONNECT_TIMEOUT"
    return "CONNECTION_LOST" if sent else "CONNECT_FAILED"
