"""The door of the emulator: faults are applied here, and every call is journalled before it is answered."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.common.errors import Refusal
from emulators.common.faults import Fault
from emulators.common.plant import Plant

BODY_LIMIT = 64 * 1024 * 1024
HANG_SECONDS = 60.0
CLOSE_SECONDS = 5.0


class Dropped(ConnectionAbortedError):
    """Raised in place of a closed connection where there is none to close (in-process clients)."""


class Recorded:
    """An answer held back until it may be sent, changed or thrown away."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def replace(self, status: int, body: bytes, content_type: bytes = b"application/json") -> None:
        self.status, self.body = status, body
        self.headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]

    async def send(self, send: Send, *, half: bool = False) -> None:
        """Send it; with `half` the connection is left in the middle of the promised body."""
        body = self.body[: len(self.body) // 2] if half else self.body
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": body, "more_body": half})


# What a provider's journal line holds beyond method, route, status and fault: from scope, body and answer.
Line = Callable[[Scope, bytes, Recorded], dict[str, Any]]


class Gate:
    """ASGI middleware around the whole API; the paths of `inside` (as `/_control`) pass untouched."""

    def __init__(
        self,
        app: ASGIApp,
        plant: Plant,
        inside: tuple[str, ...],
        line: Line,
        throttled: Callable[[], Refusal],
    ) -> None:
        self._app = app
        self._plant = plant
        self._inside = inside
        self._line = line
        self._throttled = throttled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._inside):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        body = await _read(receive)
        if body is None:
            return
        fault = self._plant.faults.for_call(scope["method"], scope["path"])
        answer = Recorded()
        if len(body) > BODY_LIMIT:
            answer.replace(413, b"")
        elif await self._before(fault, answer):
            await self._app(scope, _replay(body, receive), answer.take)
        self._note(scope, body, answer, fault)
        await self._after(fault, scope, answer, receive, send)

    async def _before(self, fault: Fault | None, answer: Recorded) -> bool:
        """What happens instead of the work or ahead of it; False when the work is not to be done."""
        action = fault.spec.action if fault else None
        if fault and action == "delay":
            await asyncio.sleep(fault.param(1.0))
        if fault and action == "error":
            answer.replace(int(fault.param(500)), fault.spec.body.encode())
        if action == "throttle":
            refusal = self._throttled()
            answer.replace(refusal.status, str(refusal.body).encode(), b"text/plain")
            answer.headers += [(k.lower().encode(), v.encode()) for k, v in refusal.headers.items()]
        return action not in ("error", "throttle", "drop_before", "hang")

    async def _after(
        self, fault: Fault | None, scope: Scope, answer: Recorded, receive: Receive, send: Send
    ) -> None:
        """Send the answer, or what the fault leaves of it; the journal is on disk before a byte goes out."""
        action = fault.spec.action if fault else None
        if fault:
            self._landed(fault, scope)
        await self._plant.journal.sync()
        if fault and action == "delay_after":
            await asyncio.sleep(fault.param(1.0))
        if fault and action in ("hang", "hang_after"):
            await _disconnected(receive, fault.param(HANG_SECONDS))
        if action in ("drop_before", "drop_after", "hang", "hang_after"):
            await _cut(scope, receive)
            return
        if fault and action == "error_after":
            answer.replace(int(fault.param(500)), fault.spec.body.encode())
        await answer.send(send, half=action == "truncate")
        if action == "truncate":
            await _cut(scope, receive, flush=True)

    def _landed(self, fault: Fault, scope: Scope) -> None:
        fault.landed += 1
        self._plant.journal.write(
            "fault", fault=fault.number, action=fault.spec.action, method=scope["method"], route=_route(scope)
        )

    def _note(self, scope: Scope, body: bytes, answer: Recorded, fault: Fault | None) -> None:
        self._plant.journal.write(
            "api",
            method=scope["method"],
            route=_route(scope),
            status=answer.status,
            fault=fault.spec.action if fault else None,
            **self._line(scope, body, answer),
        )


async def _read(receive: Receive) -> bytes | None:
    """The whole body (or just more than is allowed of it), None when the client left before its end."""
    body, more = b"", True
    while more and len(body) <= BODY_LIMIT:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then whatever the connection says."""
    left = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return again


async def _cut(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """Close the connection under the client: at once, or after what was written went out."""
    transport = scope["state"].get("transport")
    if transport is None:
        raise Dropped("the emulator dropped the connection")
    if flush:
        transport.close()
    else:
        transport.abort()
    # The server must have noticed before we return, or it answers 500 on our behalf.
    await _disconnected(receive, CLOSE_SECONDS)


async def _disconnected(receive: Receive, seconds: float) -> None:
    """Wait until the connection is gone, at most `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


def _route(scope: Scope) -> str:
    """The route's template, since paths of the public API hold identifiers of people."""
    return getattr(scope.get("route"), "path", "unknown")
