"""The door to addresses that the operator set: connections are shared and kept alive briefly."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from dsl.model import Json
from providers.http.exchange import Bounds, exchange
from providers.http.flowing import Flow, opened
from providers.http.judge import judge
from providers.http.place import Params
from providers.http.request import QUESTIONS, Headers, Upload, build
from providers.http.road import Network, Road
from providers.reply import Reply

IDLE_SECONDS = 4.0
"""Below the 5 s after which many servers close: a request must not race a closing connection."""


class Pooled:
    """A client of one outside system, at `base_url`; close it when done."""

    def __init__(
        self,
        base_url: str,
        *,
        provider: str,
        headers: Mapping[str, SecretStr] | None = None,
        seconds: float = 4.0,
        connections: int = 50,
        network: Network | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._provider = provider
        self._headers = dict(headers or {})
        self._seconds = seconds
        self._road = Road(connections, idle=IDLE_SECONDS, network=network)

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Headers | None = None,
        params: Params | None = None,
        json: Json = None,
        content: bytes = b"",
        files: Sequence[Upload] = (),
        data: Mapping[str, str] | None = None,
        seconds: float | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """A reply with a 2xx status, else a ProviderError.

        `repeatable`: doing it twice is doing it once, so no answer is NotSent instead of Unknown.
        """
        effect = method not in QUESTIONS and not repeatable
        wire = build(
            self._provider,
            method,
            self._base,
            path,
            headers={**self._headers, **(headers or {})},
            params=params,
            json=json,
            content=content,
            files=files,
            data=data,
        )
        bounds = Bounds(seconds or self._seconds)
        reply = await exchange(self._road, wire, bounds, self._provider, effect=effect)
        return judge(reply, self._provider, effect=effect)

    @asynccontextmanager
    async def follow(
        self, path: str, *, headers: Headers | None = None, params: Params | None = None, quiet: float
    ) -> AsyncIterator[Flow]:
        """An answer that goes on, see `opened`; with any status but 2xx a ProviderError."""
        wire = build(
            self._provider,
            "GET",
            self._base,
            path,
            headers={**self._headers, **(headers or {})},
            params=params,
        )
        async with opened(self._road, wire, self._provider, quiet) as flow:
            yield flow

    async def aclose(self) -> None:
        """Close every connection."""
        await self._road.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.aclose()
