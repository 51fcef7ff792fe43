"""The application: routes, errors and middleware, put together once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from api.errors import ErrorBody, on_http_error, on_invalid_request
from api.guard import SCHEMES, require_policies
from api.parts import Parts
from api.requests import Requests
from api.routes import dead_letters, execute, executions, flows, health, inputs, kinds, publishing, webhooks

ROUTERS = (flows, publishing, execute, executions, inputs, dead_letters, kinds, webhooks, health)
FINISH_SECONDS = 10.0
"""Given to deliveries under way when the process ends; the relay takes what is left."""

TAGS = [
    {"name": "flows", "description": "Draw, check and publish."},
    {"name": "executions", "description": "Start flows, follow them, answer them."},
    {"name": "dead letters", "description": "Events that led to nothing: see why, and try again."},
    {"name": "kinds", "description": "What a node can be."},
    {"name": "webhooks", "description": "Where providers send their events."},
    {"name": "health", "description": "Whether the service is well."},
]


def create_app(parts: Parts) -> FastAPI:
    """The application over its parts; it owns the deliveries, whoever made the other parts closes them."""
    app: FastAPI = FastAPIOffline(
        title="Tembea",
        version=parts.version,
        summary="A durable flow service on Temporal.",
        openapi_tags=TAGS,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    documentation = tuple(app.routes)
    app.state.parts = parts
    for module in ROUTERS:
        app.include_router(module.router)
    require_policies(app, documentation=documentation)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    _add_middleware(app, parts)
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.parts.deliveries.finish(FINISH_SECONDS)


def _add_middleware(app: FastAPI, parts: Parts) -> None:
    if parts.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=parts.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Link", "X-Request-Id", "Idempotent-Replayed", "Retry-After"],
        )
    app.add_middleware(Requests)


def _operation_id(route: APIRoute) -> str:
    """`list_flows` becomes `listFlows`: clients are generated from these names, so functions keep theirs."""
    first, *rest = route.name.split("_")
    return first + "".join(word.title() for word in rest)


def _describe(app: FastAPI) -> None:
    """Adds to OpenAPI what the framework does not know: how to authenticate, and the one error body."""
    derived = app.openapi

    def openapi() -> dict[str, Any]:
        document = derived()
        components = document.setdefault("components", {})
        components["securitySchemes"] = SCHEMES
        schema = ErrorBody.model_json_schema(by_alias=True, mode="serialization")
        components.setdefault("schemas", {})["ErrorBody"] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]
