"""Which pages of other origins may call us: those of the settings, and Temporal's Web UI its codec."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

CODEC, WEBHOOKS = "/codec/", "/webhooks/"
LOOPBACK = ("127.0.0.1", "localhost")
_ASKED = [
    "Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer",
    "Last-Event-ID",
]  # fmt: skip
_TOLD = [
    "Location", "Link", "ETag", "X-Request-Id", "Idempotent-Replayed", "Preference-Applied", "Retry-After",
]  # fmt: skip


class Cors:
    """Answers preflights, and names the origins that may read an answer; a page of neither kind may not.

    Webhooks are called by no page.
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str], temporal_ui: str | None) -> None:
        self._app = app
        self._codec = CORSMiddleware(
            app,
            allow_origins=ui_origins(temporal_ui),
            allow_methods=["POST"],
            allow_headers=["Authorization", "Authorization-Extras", "Content-Type", "X-Namespace"],
        )
        self._others = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_ASKED,
            expose_headers=_TOLD,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        await self._chosen(scope.get("path", ""))(scope, receive, send)

    def _chosen(self, path: str) -> ASGIApp:
        if path.startswith(WEBHOOKS):
            return self._app
        return self._codec if path.startswith(CODEC) else self._others


def ui_origins(temporal_ui: str | None) -> tuple[str, ...]:
    """The origins of the Web UI by its address; on this machine it has two names."""
    if temporal_ui is None:
        return ()
    address = urlsplit(temporal_ui)
    names = LOOPBACK if address.hostname in LOOPBACK else (address.hostname,)
    port = "" if address.port is None else f":{address.port}"
    return tuple(f"{address.scheme}://{name}{port}" for name in names)
