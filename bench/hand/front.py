"""`python -m bench.hand.front QUEUE [--local]`: the webhook: signature, one INSERT, signal-with-start."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, Request, Response
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from bench.hand.webhook import TABLE, Unsigned, heard
from bench.hand.workflow import Conversation, LeadCapture

QUEUE, LOCAL = sys.argv[1], "--local" in sys.argv


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
    try:
        message = await heard(request, app.state.db)
    except Unsigned:
        return Response(status_code=401)
    if message:
        await app.state.temporal.start_workflow(
            LeadCapture.run,
            Conversation(message.conversation, message.contact, LOCAL),
            id=f"{QUEUE}/{message.conversation}",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="hear",
            start_signal_args=[message.text],
        )
    return Response(status_code=200)


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
