"""One request, one answer: the only place that sends, and so the only one that knows whether it did."""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx

from providers.errors import Failed, NotSent, ProviderError
from providers.http.body import FlawedBody, read_body
from providers.http.judge import no_answer
from providers.http.request import Wire
from providers.reply import Reply

MIB = 1024 * 1024
CONNECT_SECONDS = 10.0
TROUBLE = (
    OSError,
    UnicodeError,  # a host name that no resolver takes
    FlawedBody,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)
"""What a conversation can break on; anything else is a bug and flies on."""


@dataclass(frozen=True)
class Bounds:
    """What one exchange may cost: seconds in all, bytes of body (sent, and decoded), number of headers."""

    seconds: float
    body: int = 5 * MIB
    headers: int = 100


@cache
def tls() -> ssl.SSLContext:
    """The one TLS context; the environment cannot change whom it trusts."""
    return httpx.create_ssl_context(trust_env=False)


class _Progress:
    """What is known so far: whether a byte may have left, and the head of the answer."""

    def __init__(self) -> None:
        self.sent = False
        self.head: Reply | None = None

    async def trace(self, event: str, _: object) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True


async def exchange(
    pool: httpcore.AsyncConnectionPool, wire: Wire, bounds: Bounds, provider: str, *, effect: bool
) -> Reply:
    """Send and read. Any status is a reply; raises NotSent, Failed or (an effect, once sent) Unknown."""
    progress = _Progress()
    try:
        async with asyncio.timeout(bounds.seconds):
            return await _converse(pool, wire, bounds, progress)
    except TROUBLE as problem:
        # From None: the libraries' errors can quote a header's value.
        if progress.head is not None:
            return Reply(progress.head.status, progress.head.headers, flaw=_code(problem, sent=True))
        raise _silence(problem, progress.sent, provider, effect) from None


async def _converse(
    pool: httpcore.AsyncConnectionPool, wire: Wire, bounds: Bounds, progress: _Progress
) -> Reply:
    # A limit of its own closes a connection that hangs in its TLS handshake; a cancellation leaks it.
    connect = min(bounds.seconds / 2, CONNECT_SECONDS)
    extensions = {"trace": progress.trace, "timeout": {"connect": connect}}
    response = await pool.handle_async_request(wire.core(extensions))
    try:
        head = progress.head = Reply(response.status, headers_of(response))
        if len(response.headers) > bounds.headers:
            raise FlawedBody("RESPONSE_TOO_LARGE")
        content = await read_body(response.aiter_stream(), head.headers, bounds.body)
        return Reply(head.status, head.headers, content)
    finally:
        await response.aclose()


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """By lower-case name; repeated ones joined, as HTTP allows."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _silence(problem: Exception, sent: bool, provider: str, effect: bool) -> ProviderError:
    if isinstance(problem, httpcore.LocalProtocolError | httpcore.UnsupportedProtocol):
        return Failed("INVALID_REQUEST", "the request cannot be sent", provider=provider)
    code = _code(problem, sent=sent)
    if not sent:
        return NotSent(code, "it could not be reached", provider=provider)
    return no_answer(code, "no answer came", provider, effect=effect)


def _code(problem: Exception, *, sent: bool) -> str:
    if isinstance(problem, FlawedBody):
        return problem.code
    if isinstance(problem, TimeoutError | httpcore.TimeoutException):
        return "TIMEOUT" if sent else "CONNECT_TIMEOUT"
    return "CONNECTION_LOST" if sent else "CONNECT_FAILED"
