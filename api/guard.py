"""Who may call what: every route names its policy, and the application refuses to start if one does not."""

import re
from collections.abc import Callable, Collection, Coroutine
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from api.bodies import MIB, StrictRequest
from api.errors import Problem, documented
from api.parts import parts_of
from store import access as api_keys

_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)

SCHEMES = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "tmb_<id>_<secret>"},
}
"""Security schemes of OpenAPI; either one is enough."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Caller(NamedTuple):
    """Whoever holds the key: everything they touch lies in their workspace."""

    workspace: str
    key_id: str


class Policy(NamedTuple):
    """Who may call a route, and how large a body it takes (bytes)."""

    public: bool
    body: int = MIB


class Unguarded(RuntimeError):
    """A route without a policy: a mistake in our code that must not go live."""


def with_key(*, body: int = MIB) -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint: only with an API key."""
    return _mark(Policy(public=False, body=body))


def public(*, body: int = MIB) -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint: anyone may call it."""
    return _mark(Policy(public=True, body=body))


class GuardedRoute(APIRoute):
    """A route that asks its policy before it reads a byte of the body."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        policy = policy_of(endpoint)
        if policy is None:
            raise Unguarded(f"{path} names no policy")
        self.policy = policy
        if not policy.public:
            options["openapi_extra"] = {"security": [{name: []} for name in SCHEMES]}
            options["responses"] = documented(401, 422, 503) | (options.get("responses") or {})
        super().__init__(path, endpoint, **options)
        if self.body_field is not None:
            self.responses = documented(400, 413, 415) | self.responses

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the policy and the strict reading of bodies."""
        inner, policy, takes_json = super().get_route_handler(), self.policy, self.body_field is not None

        async def handle(request: Request) -> Response:
            if not policy.public:
                request.state.caller = await _identify(request)
            if takes_json:
                _require_json(request)
            strict = StrictRequest(request.scope, request.receive)
            strict.limit = policy.body
            return await inner(strict)

        return handle


def policy_of(endpoint: Callable[..., Any] | None) -> Policy | None:
    """The policy an endpoint was marked with."""
    return getattr(endpoint, "_policy", None)


def require_policies(app: FastAPI, *, documentation: Collection[BaseRoute]) -> None:
    """Raises Unguarded unless every route, but the given pages of the documentation, has a policy."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if route not in documentation and not isinstance(route, GuardedRoute):
            raise Unguarded(f"{context.path} names no policy")


def caller_of(request: Request) -> Caller:
    """The caller that the route's policy let in."""
    caller: Caller = request.state.caller
    return caller


CallerOf = Annotated[Caller, Depends(caller_of)]


def _mark(policy: Policy) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint._policy = policy  # type: ignore[attr-defined]
        return endpoint

    return mark


def _require_json(request: Request) -> None:
    sent = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent and kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Send JSON, with `Content-Type: application/json`.")


async def _identify(request: Request) -> Caller:
    key = await api_keys.verify(parts_of(request).db, _presented(request))
    if key is None:
        raise Problem(
            401,
            "INVALID_API_KEY",
            "Send a valid API key as `Authorization: Bearer` or `X-API-Key`.",
            headers={"WWW-Authenticate": 'Bearer realm="tembea"'},
        )
    return Caller(key.workspace, key.id)


def _presented(request: Request) -> str:
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return bearer[1] if bearer else request.headers.get("x-api-key", "")
