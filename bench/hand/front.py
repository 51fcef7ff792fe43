"""`python -m bench.hand.front QUEUE [--local]`: the webhook: signature, one INSERT, signal-with-start."""

import hashlib
import hmac
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from bench.hand.workflow import Conversation, LeadCapture

QUEUE, LOCAL = sys.argv[1], "--local" in sys.argv
SECRET = os.environ["CHATWOOT_WEBHOOK_SECRET"].encode()
TABLE = "CREATE TABLE IF NOT EXISTS inbound (key text PRIMARY KEY, body jsonb NOT NULL)"
INSERT = "INSERT INTO inbound (key, body) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key"


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """Its database and its Temporal client."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=10) as pool:
        await pool.execute(TABLE)
        app.state.db, app.state.temporal = pool, await Client.connect(os.environ["TEMPORAL_ADDRESS"])
        yield


app = FastAPI(lifespan=opened, openapi_url=None)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ok"}


@app.post("/webhooks/chatwoot/main")
async def webhook(request: Request) -> Response:
    """A message: accepted once, then told to its conversation's workflow, which it starts if need be."""
    body = await request.body()
    if not _signed(request, body):
        return Response(status_code=401)
    event = orjson.loads(body)
    if await app.state.db.fetchval(INSERT, f"msg:{event['id']}", body.decode()) is None:
        return Response(status_code=200)
    conversation, contact = event["conversation"]["id"], event["sender"]["id"]
    await app.state.temporal.start_workflow(
        LeadCapture.run,
        Conversation(conversation, contact, LOCAL),
        id=f"{QUEUE}/{conversation}",
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="hear",
        start_signal_args=[event["content"]],
    )
    return Response(status_code=200)


def _signed(request: Request, body: bytes) -> bool:
    stamp = request.headers.get("x-chatwoot-timestamp", "").encode()
    wanted = "sha256=" + hmac.new(SECRET, stamp + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, request.headers.get("x-chatwoot-signature", ""))


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
