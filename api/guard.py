"""Who may call what: every route names its policy, and the application refuses to start if one does not."""

import re
from collections.abc import Callable, Collection, Coroutine
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from api.bodies import MIB, StrictRequest
from api.errors import Problem, documented
from api.parts import parts_of
from store import access as api_keys
from store import tickets

_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)

SCHEMES = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "tmb_<id>_<secret>"},
}
"""Security schemes of OpenAPI; either one is enough."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Caller(NamedTuple):
    """Whoever holds the key, or a ticket (no key): everything they touch lies in their workspace."""

    workspace: str
    key_id: str | None


class Policy(NamedTuple):
    """Who may call a route, and how large a body it takes (bytes); `check` refuses by a `Problem`."""

    public: bool
    body: int = MIB
    check: Callable[[Request], None] | None = None
    ticket: bool = False
    """A ticket of the execution that the path names does for a key."""


class Unguarded(RuntimeError):
    """A route without a policy: a mistake in our code that must not go live."""


def with_key(*, body: int = MIB, ticket: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint: only with an API key, or with a ticket where that will do."""
    return mark(Policy(public=False, body=body, ticket=ticket))


def public(
    *, body: int = MIB, check: Callable[[Request], None] | None = None
) -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint: anyone may call it whom `check` lets in."""
    return mark(Policy(public=True, body=body, check=check))


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
                request.state.caller = await identify(request, policy)
            if policy.check is not None:
                policy.check(request)
            if takes_json:
                _require_json(request)
            strict = StrictRequest(request.scope, request.receive)
            strict.limit = policy.body
            return await inner(strict)

        return handle


class DirectRoute(GuardedRoute):
    """A route that providers call often: its endpoint gets the request and what the path names, unchecked.

    The endpoint reads the rest by itself and makes its own response; the framework only documents it. Raises
    Unguarded for a policy that would have to be asked.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if not self.policy.public or self.policy.check is not None:
            raise Unguarded(f"{path} is called directly: nobody would ask its policy")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint behind the capped reading of bodies."""
        endpoint, limit = self.endpoint, self.policy.body

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            strict.limit = limit
            response: Response = await endpoint(strict, **request.path_params)
            return response

        return handle


def policy_of(endpoint: Callable[..., Any] | None) -> Policy | None:
    """The policy an endpoint was marked with."""
    return getattr(endpoint, "_policy", None)


def require_policies(app: FastAPI, *, documentation: Collection[BaseRoute]) -> None:
    """Raises Unguarded unless every route, but the given pages of the documentation, has a policy."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if route not in documentation and not _is_guarded(route):
            raise Unguarded(f"{context.path} names no policy")


def caller_of(request: Request) -> Caller:
    """The caller that the route's policy let in."""
    caller: Caller = request.state.caller
    return caller


CallerOf = Annotated[Caller, Depends(caller_of)]


def mark(policy: Policy) -> Callable[[Endpoint], Endpoint]:
    """Gives an endpoint its policy."""

    def marked(endpoint: Endpoint) -> Endpoint:
        endpoint._policy = policy  # type: ignore[attr-defined]
        return endpoint

    return marked


def _is_guarded(route: BaseRoute) -> bool:
    is_socket = isinstance(route, APIWebSocketRoute) and policy_of(route.endpoint) is not None
    return is_socket or isinstance(route, GuardedRoute)


def _require_json(request: Request) -> None:
    sent = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent and kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Send JSON, with `Content-Type: application/json`.")


async def identify(request: HTTPConnection, policy: Policy) -> Caller:
    """Who asks; 401 for who cannot say so."""
    if policy.ticket and (ticket := request.query_params.get("ticket")):
        return await _bearer_of(ticket, request)
    key = await api_keys.verify(parts_of(request).db, _presented(request))
    if key is None:
        raise Problem(
            401,
            "INVALID_API_KEY",
            "Send a valid API key as `Authorization: Bearer` or `X-API-Key`.",
            headers={"WWW-Authenticate": 'Bearer realm="tembea"'},
        )
    return Caller(key.workspace, key.id)


async def _bearer_of(ticket: str, request: HTTPConnection) -> Caller:
    workspace = await tickets.redeem(parts_of(request).db, ticket, request.path_params["id"])
    if workspace is None:
        raise Problem(401, "INVALID_TICKET", "The ticket is not one for this execution, was used, or is old.")
    return Caller(workspace, None)


def _presented(request: HTTPConnection) -> str:
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return bearer[1] if bearer else request.headers.get("x-api-key", "")
