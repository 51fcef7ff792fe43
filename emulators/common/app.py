"""What the ASGI applications of all emulators have in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from emulators.common.replies import reply


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Closes the installation with its application."""
    yield
    await app.state.emulator.close()


async def malformed(_request: Request, error: Exception) -> Response:
    """The 422 of `/_control`, which says what is wrong with its body."""
    assert isinstance(error, RequestValidationError)
    problems = [{"at": list(p["loc"]), "message": p["msg"]} for p in error.errors()]
    return reply({"error": "Invalid request", "problems": problems}, 422)
