"""The emulator as an ASGI application."""

import time

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from emulators.africastalking.config import Config
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError, not_found, throttled
from emulators.africastalking.lines import api_line
from emulators.africastalking.routes import airtime, control, payments, sms, user, voice
from emulators.common.app import lifespan, malformed
from emulators.common.gate import Gate
from emulators.common.limits import Throttled
from emulators.common.plant import Clock

INSIDE = ("/_control",)
ROUTERS = (control, sms, airtime, voice, payments, user)


def create_app(
    config: Config, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
) -> FastAPI:
    """An application of its own; `transport` replaces the network for callbacks, `clock` gives unix seconds.

    It is `app.state.emulator`; close it with `await app.state.emulator.close()` where the lifespan does not
    run.
    """
    emulator = Emulator(config, transport, clock)
    app = FastAPI(title="Africa's Talking emulator", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.emulator = emulator
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(Throttled, _throttled)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, malformed)  # only `/_control` has models
    app.add_middleware(
        Gate, plant=emulator, inside=INSIDE, line=api_line, throttled=lambda: throttled(emulator.config)
    )
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    """Plain text, as everything the provider refuses with."""
    assert isinstance(error, ApiError)
    return Response(str(error.body), error.status, error.headers, media_type="text/plain")


async def _throttled(request: Request, _error: Exception) -> Response:
    return await _refused(request, throttled(request.app.state.emulator.config))


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return await _refused(request, ApiError(405, "HTTP method not allowed"))
    return await _refused(request, not_found())
