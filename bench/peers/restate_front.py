"""`python -m bench.peers.restate_front`: the webhook: signature, one INSERT, a call of Restate's ingress."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import uvicorn
from fastapi import FastAPI, Request, Response

from bench.hand.webhook import TABLE, Heard, Unsigned, heard


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """Its database and its way into Restate."""
    ingress = aiohttp.ClientSession(os.environ["RESTATE_INGRESS"], raise_for_status=True)
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=10) as pool, ingress:
        await pool.execute(TABLE)
        app.state.db, app.state.ingress, app.state.begun = pool, ingress, set[int]()
        yield


app = FastAPI(lifespan=opened, openapi_url=None)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ok"}


@app.post("/webhooks/chatwoot/main")
async def webhook(request: Request) -> Response:
    """A message: accepted once, then told to its conversation's workflow, or the workflow begins."""
    try:
        message = await heard(request, app.state.db)
    except Unsigned:
        return Response(status_code=401)
    if message:
        await _tell(message)
    return Response(status_code=200)


async def _tell(message: Heard) -> None:
    workflow = f"/lead/{message.conversation}"
    if message.conversation in app.state.begun or not await _begun_by(message, workflow):
        async with app.state.ingress.post(f"{workflow}/hear", json=message.text):
            pass
    app.state.begun.add(message.conversation)


async def _begun_by(message: Heard, workflow: str) -> bool:
    """Begin the conversation; false where it had begun before this process did."""
    told = {"conversation": message.conversation, "contact": message.contact}
    async with app.state.ingress.post(f"{workflow}/run/send", json=told) as answer:
        return bool((await answer.json())["status"] == "Accepted")


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
