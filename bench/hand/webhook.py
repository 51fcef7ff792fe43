"""The front of everybody but us: the signature of a webhook, one INSERT, and the workflow is told."""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

SECRET = os.environ["CHATWOOT_WEBHOOK_SECRET"].encode()
TABLE = "CREATE TABLE IF NOT EXISTS inbound (key text PRIMARY KEY, body jsonb NOT NULL)"
INSERT = "INSERT INTO inbound (key, body) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key"


class Unsigned(Exception):
    """A webhook of somebody else."""


class Heard(NamedTuple):
    """A message that was not there before."""

    conversation: int
    contact: int
    text: str


Tell = Callable[[Heard], Awaitable[None]]
"""Tells a message to its conversation's workflow, which it starts if need be."""


def serve(opened: Callable[[], AbstractAsyncContextManager[Tell]]) -> None:
    """Serve webhooks at `PORT`; what `opened` opens lives as long as the front."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=10) as pool:
            await pool.execute(TABLE)
            async with opened() as tell:
                app.state.db, app.state.tell = pool, tell
                yield

    app = FastAPI(lifespan=living, openapi_url=None)
    app.get("/readyz")(ready)
    app.post("/webhooks/chatwoot/main")(webhook)
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


async def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ok"}


async def webhook(request: Request) -> Response:
    """A message: accepted once, then told."""
    state = request.app.state
    try:
        message = await _heard(request, state.db)
    except Unsigned:
        return Response(status_code=401)
    if message:
        await state.tell(message)
    return Response(status_code=200)


async def _heard(request: Request, db: "asyncpg.Pool[Any]") -> Heard | None:
    """The message of a webhook; None where it has been accepted before."""
    body = await request.body()
    if not _signed(request, body):
        raise Unsigned
    event = orjson.loads(body)
    if await db.fetchval(INSERT, f"msg:{event['id']}", body.decode()) is None:
        return None
    return Heard(event["conversation"]["id"], event["sender"]["id"], event["content"])


def _signed(request: Request, body: bytes) -> bool:
    stamp = request.headers.get("x-chatwoot-timestamp", "").encode()
    wanted = "sha256=" + hmac.new(SECRET, stamp + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, request.headers.get("x-chatwoot-signature", ""))
