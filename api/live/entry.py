"""Who may open a socket: the keys of everywhere, or a ticket; browsers only from where they may be."""

from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from fastapi import WebSocket

from api.errors import Problem, answer, unavailable
from api.guard import Caller, Policy, identify, mark
from api.parts import parts_of
from store.failures import unreachable

SocketEndpoint = Callable[[WebSocket, Caller], Awaitable[None]]

POLICY = Policy(public=False, ticket=True)


def guarded(endpoint: SocketEndpoint) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint behind the policy. Who is turned away gets a problem instead of a handshake."""

    async def handle(websocket: WebSocket) -> None:
        try:
            _from_here(websocket, parts_of(websocket).cors_origins)
            await endpoint(websocket, await identify(websocket, POLICY))
        except Problem as problem:
            await _refuse(websocket, problem)
        except Exception as error:
            if not unreachable(error):
                raise
            await _refuse(websocket, unavailable("database"))

    handle.__name__ = endpoint.__name__
    return mark(POLICY)(handle)


async def _refuse(websocket: WebSocket, problem: Problem) -> None:
    await websocket.send_denial_response(answer(problem, websocket.state.request_id))


def _from_here(websocket: WebSocket, allowed: Collection[str]) -> None:
    """403 for a page of another origin: browsers open sockets from anywhere, and ask nobody before."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in allowed or "*" in allowed:
        return
    if urlsplit(origin).netloc != websocket.headers.get("host"):
        raise Problem(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not listen.")
