"""The emulator as an ASGI application."""

import time
from functools import partial

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from emulators.chatwoot.config import Config
from emulators.chatwoot.domain import failures
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import ApiError, Invalid
from emulators.chatwoot.limits import throttled
from emulators.chatwoot.lines import api_line
from emulators.chatwoot.routes import (
    assignments,
    contacts,
    control,
    conversations,
    directory,
    health,
    messages,
    platform,
    public,
    webhooks,
)
from emulators.common.app import lifespan, malformed
from emulators.common.gate import Gate
from emulators.common.limits import Throttled
from emulators.common.plant import Clock
from emulators.common.replies import reply

# Assignments come before conversations, whose last route takes any action name.
ROUTERS = (
    control, public, platform, messages, assignments, conversations, contacts, directory, webhooks, health,
)  # fmt: skip
INSIDE = ("/_control", "/rails/")


def create_app(
    config: Config, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
) -> FastAPI:
    """An installation of its own; `transport` replaces the network for webhooks, `clock` gives unix seconds.

    The installation is `app.state.emulator`; close it with `await app.state.emulator.close()` where the
    application's lifespan does not run.
    """
    emulator = Emulator(config, transport, clock)
    emulator.engine.on_failure = partial(failures.apply, emulator)
    app = FastAPI(title="Chatwoot emulator", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.emulator = emulator
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(Throttled, _throttled)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_middleware(
        Gate, plant=emulator, inside=INSIDE, line=api_line, throttled=lambda: throttled(emulator.config)
    )
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    if isinstance(error.body, str):
        return Response(error.body, error.status, error.headers, media_type="text/plain")
    return reply(error.body, error.status)


async def _throttled(request: Request, _error: Exception) -> Response:
    return await _refused(request, throttled(request.app.state.emulator.config))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return reply(error.body(), 422)


async def _no_route(_request: Request, _error: Exception) -> Response:
    return reply({"error": "Resource could not be found"}, 404)


async def _malformed(request: Request, error: Exception) -> Response:
    """Ids that are no numbers are missing records; `/_control` says what is wrong with its body."""
    if request.url.path.startswith("/_control"):
        return await malformed(request, error)
    return await _no_route(request, error)
