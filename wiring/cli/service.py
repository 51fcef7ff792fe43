"""A Tembea that runs somewhere, as the command line talks to it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from pydantic import SecretStr

from dsl.issues import Issue
from dsl.meanings.meaning import Severity
from dsl.model import Json
from providers.errors import ProviderError, Unknown
from providers.http.flowing import Flow
from providers.http.place import Params
from providers.http.pooled import Pooled
from providers.reply import Reply
from wiring import local_key
from wiring.cli.target import Target
from wiring.supervise import record

SECONDS = 30.0
QUIET = 45.0
"""The service sends a heartbeat every 15 seconds; after three that did not come a stream is lost."""
ADVICE = {
    401: "the service does not take this API key; set TEMBEA_API_KEY, or give --api-key",
    403: "this API key may not do that",
}


class ServiceError(Exception):
    """What the service refuses, or that there is none: a line for people; `issues` are those of a flow."""

    def __init__(self, message: str, *, status: int | None = None, issues: Iterable[Issue] = ()) -> None:
        self.issues = tuple(issues)
        self.status = status
        shown = (f"\n  {one.pointer or '/'}: {one.code}: {one.message}" for one in self.issues)
        super().__init__(message + "".join(shown))


class Service:
    """The API at an address, by a key."""

    def __init__(self, url: str, key: SecretStr) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": SecretStr(f"Bearer {key.get_secret_value()}")}
        self._api = Pooled(f"{self.url}/api/v1", provider="tembea", headers=headers, seconds=SECONDS)

    async def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        params: Params | None = None,
        match: str | None = None,
    ) -> Reply:
        """An answer of success; `match` is the ETag that must still hold. Raises ServiceError."""
        headers = {"If-Match": match} if match else {}
        try:
            return await self._api.request(method, path, headers=headers, json=body, params=params)
        except ProviderError as error:
            raise explained(self.url, error) from None

    @asynccontextmanager
    async def events(self, execution: str, after: int) -> AsyncIterator[Flow]:
        """The live events of an execution after the one known; raises ProviderError."""
        path, headers = f"/executions/{quoted(execution)}/events", {"Last-Event-ID": str(after)}
        async with self._api.follow(path, headers=headers, quiet=QUIET) as flow:
            yield flow

    async def aclose(self) -> None:
        """Close every connection."""
        await self._api.aclose()


@asynccontextmanager
async def service_at(target: Target) -> AsyncIterator[Service]:
    """The service that is meant. The key of a local one goes to no other; raises ServiceError."""
    local = _local_url(target.state_dir)
    url = target.url or local
    if url is None:
        raise ServiceError("no tembea dev runs here; start it, or name a service by --url or TEMBEA_URL")
    key = target.key or (_local_key(target.state_dir) if url.rstrip("/") == local else None)
    if key is None:
        raise ServiceError("an API key is needed: set TEMBEA_API_KEY, or give --api-key")
    service = Service(url, key)
    try:
        yield service
    finally:
        await service.aclose()


def _local_url(state_dir: Path) -> str | None:
    running = record.read(state_dir)
    api = running.parts.get("api") if running else None
    return api.url if api else None


def _local_key(state_dir: Path) -> SecretStr | None:
    kept = local_key.known(state_dir)
    return SecretStr(kept) if kept else None


def quoted(id: str) -> str:
    """An id as a part of a path."""
    return quote(id, safe="")


def explained(url: str, error: ProviderError) -> ServiceError:
    """What went wrong, in words for who typed the command."""
    if error.reply is None:
        what = "may have got it, but did not answer" if isinstance(error, Unknown) else "does not answer"
        if error.code == "INVALID_REQUEST":
            return ServiceError(f"{url}: {error.message}")
        return ServiceError(f"{url} {what} ({error.code})")
    problem = _problem(error.reply)
    said = problem.get("message") or f"the service answered with status {error.status}"
    code = f" ({problem['code']})" if "code" in problem else ""
    text = ADVICE.get(error.status or 0) or f"{said}{code}"
    return ServiceError(text, status=error.status, issues=_issues(problem))


def _problem(reply: Reply) -> dict[str, Any]:
    try:
        problem = orjson.loads(reply.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _issues(problem: dict[str, Any]) -> list[Issue]:
    details = problem.get("details")
    found = details.get("issues") if isinstance(details, dict) else None
    return [
        Issue(
            code=str(one.get("code")),
            severity=Severity.ERROR,
            message=str(one.get("message")),
            pointer=str(one.get("pointer", "")),
            hint=str(one.get("hint", "")),
        )
        for one in found or ()
        if isinstance(one, dict)
    ]
