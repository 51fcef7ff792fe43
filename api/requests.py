"""Around every request: its id, the access log, security headers, the answer to the unforeseen."""

import time
import traceback
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem, answer, unavailable
from api.metrics import observed
from store.failures import unreachable
from store.ids import new_id

_LOG = structlog.get_logger(__name__)

_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class Requests:
    """Outermost, around sockets too. It logs the route's template, never the path: paths may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id, started = new_id(), time.perf_counter()
        scope.setdefault("state", {})["request_id"] = request_id
        reply = _Reply(send, request_id)
        try:
            await self._app(scope, receive, reply.send)
        except Exception as error:
            _LOG.error("request_failed", request_id=request_id, **_anonymous(error))
            if reply.status or scope["type"] == "websocket":
                raise
            await answer(_problem_of(error), request_id)(scope, receive, reply.send)
        finally:
            seconds = time.perf_counter() - started
            line = _line(scope, request_id, reply.status, seconds)
            observed(line["method"], line["route"], reply.status, seconds)
            _LOG.info("request", **line)


class _Reply:
    """Passes the response on, with our headers, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self.status = 101
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name for name, _ in given}
            ours = [(name, value) for name, value in _HEADERS.items() if name not in names]
            message["headers"] = [*given, *ours, (b"x-request-id", self._request_id.encode())]
        await self._send(message)


def _line(scope: Scope, request_id: str, status: int, seconds: float) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "method": scope.get("method", "WEBSOCKET"),
        "route": getattr(scope.get("route"), "path", None),
        "status": status,
        "ms": round(seconds * 1000, 1),
    }


def _problem_of(error: Exception) -> Problem:
    if unreachable(error):
        return unavailable("database")
    return Problem(500, "INTERNAL", "Something went wrong on our side.")


def _anonymous(error: Exception) -> dict[str, Any]:
    """Type and places of an error, without its text: that may quote data."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return {"error": type(error).__name__, "at": [f"{frame.name}:{frame.lineno}" for frame in frames]}
