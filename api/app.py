"""The application: routes, errors and middleware, put together once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from api.cors import Cors
from api.errors import ErrorBody, on_gone, on_http_error, on_invalid_request, on_stale
from api.execution_shapes import WAITING
from api.guard import SCHEMES, require_policies
from api.parts import Parts
from api.requests import Requests
from api.routes import (
    codec,
    controls,
    dead_letters,
    drawings,
    execute,
    executions,
    flows,
    health,
    inputs,
    kinds,
    live,
    metrics,
    publishing,
    sessions,
    simulate,
    triggers,
    versions,
    webhooks,
)
from api.routes.africastalking import reports, texts, ussd, voice
from api.session_shapes import SESSION
from store.flows import Gone, Stale

ROUTERS = (
    webhooks, ussd, voice, texts, reports,
    flows, versions, drawings, publishing, simulate, triggers, execute, executions, sessions, controls,
    inputs, live, dead_letters, kinds, codec, health, metrics,
)  # fmt: skip
"""A request is compared with one after the other: those whose callers are many and wait come first."""
FINISH_SECONDS = 10.0
"""Given to deliveries under way when the process ends; the relay takes what is left."""

TAGS = [
    {"name": "flows", "description": "Draw, check and publish."},
    {"name": "triggers", "description": "What starts a flow, and the channels it comes by."},
    {"name": "executions", "description": "Start flows, follow them, answer them."},
    {"name": "sessions", "description": "Executions as sessions of people, with an end in time."},
    {"name": "dead letters", "description": "Events that led to nothing: see why, and try again."},
    {"name": "kinds", "description": "What a node can be."},
    {"name": "webhooks", "description": "Where providers send their events."},
    {"name": "codec", "description": "Payloads of Temporal, readable for those who may."},
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
    app.add_exception_handler(Stale, on_stale)
    app.add_exception_handler(Gone, on_gone)
    _add_middleware(app, parts)
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.parts.deliveries.finish(FINISH_SECONDS)


def _add_middleware(app: FastAPI, parts: Parts) -> None:
    app.add_middleware(Cors, origins=parts.cors_origins, temporal_ui=parts.temporal_ui)
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
        # Readers come for what they may call themselves.
        paths = sorted(document["paths"].items(), key=lambda one: one[0].startswith("/webhooks/"))
        document["paths"] = dict(paths)
        components = document.setdefault("components", {})
        components["securitySchemes"] = SCHEMES
        schema = ErrorBody.model_json_schema(by_alias=True, mode="serialization")
        schemas = components.setdefault("schemas", {})
        schemas["ErrorBody"] = schema
        # The framework leaves out what is null in an example.
        schemas["ExecutionView"]["examples"] = [WAITING]
        schemas["SessionView"]["examples"] = [SESSION]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
