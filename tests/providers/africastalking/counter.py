"""A strict stand-in for the provider's hosts: it answers what it is told, and refuses what it would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
from pydantic import SecretStr

from providers.africastalking.client import AfricasTalking
from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.legacy import LegacyPayments
from torture.raw import Raw, answer, serving

USER, KEY = "user-7d1c", "atsk-55e0f2"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, Any]
    """The body, or what is asked for in the address."""


@dataclass
class Counter:
    """Answers in turn, the last one ever after: whole answers, or what is sent before the line is cut."""

    raw: Raw
    answers: list[bytes | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def config(self, key: str = KEY) -> AfricasTalkingConfig:
        url = self.raw.url("")
        return AfricasTalkingConfig(
            username=SecretStr(USER), api_key=SecretStr(key), api_url=url, voice_url=url, payments_url=url
        )

    def says(self, status: int, body: object, content_type: str = "application/json") -> None:
        content = body.encode() if isinstance(body, str) else orjson.dumps(body)
        self.answers.append(answer(status, content, content_type=content_type))

    def cuts(self) -> None:
        """The request is taken, then the line goes dead."""
        self.answers.append(None)


@asynccontextmanager
async def open_counter() -> AsyncIterator[Counter]:
    """The server while inside."""

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked = _read(request)
        counter.asked.append(asked)
        said = counter.answers.pop(0) if len(counter.answers) > 1 else counter.answers[0]
        refused = _refusal(asked)
        if said is None and refused is None:
            writer.close()
        else:
            writer.write(refused or said or b"")

    async with serving(script) as raw:
        counter = Counter(raw)
        yield counter


@asynccontextmanager
async def client_of(counter: Counter, key: str = KEY) -> AsyncIterator[AfricasTalking]:
    client = AfricasTalking(counter.config(key), seconds=2.0)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def payments_of(counter: Counter) -> AsyncIterator[LegacyPayments]:
    client = LegacyPayments(counter.config(), seconds=2.0)
    try:
        yield client
    finally:
        await client.aclose()


def _read(request: bytes) -> Asked:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
    url = urlsplit(target)
    return Asked(method, url.path, headers, _body(headers, body) if body else dict(parse_qsl(url.query)))


def _body(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    if headers["content-type"] == "application/json":
        found: dict[str, Any] = orjson.loads(body)
        return found
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: one for name, [one] in parse_qs(body.decode(), strict_parsing=True).items()}


def _refusal(asked: Asked) -> bytes | None:
    """As the provider refuses: in plain text."""
    if asked.headers.get("apikey") != KEY:
        return answer(401, b"The supplied authentication is invalid", content_type="text/plain")
    if asked.form.get("username") != USER:
        return answer(400, b"Request is missing required form field 'username'", content_type="text/plain")
    assert asked.headers["accept"] == "application/json"
    return None
