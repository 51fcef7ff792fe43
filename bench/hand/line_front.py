"""`python -m bench.hand.line_front`: the least that answers USSD: our inbox insert, update-with-start."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from bench.hand.line_workflow import QUEUE, Menu
from dsl.inputs import Inbound
from store.database import Database
from store.inbox import accept

TASK_TIMEOUT = timedelta(seconds=10)


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """Its database and its Temporal client."""
    app.state.db = await Database.open(os.environ["DATABASE_URL"], size=10)
    app.state.temporal = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    yield
    await app.state.db.close()


app = FastAPI(lifespan=opened, openapi_url=None)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ok"}


@app.post("/webhooks/africastalking/main/{secret}/ussd")
async def step(request: Request, secret: str) -> PlainTextResponse:
    """A step: accepted once, then told to the caller's workflow, which it starts if need be."""
    if secret != os.environ["AT_CALLBACK_SECRET"]:
        return PlainTextResponse("", 404)
    fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    accepted = await accept(app.state.db, "default", "line", _inbound(fields))
    run: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        Menu.run,
        id=f"menu/{fields['phoneNumber']}",
        task_queue=QUEUE,
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    typed = fields["text"].rpartition("*")[2]
    shown = await app.state.temporal.execute_update_with_start_workflow(
        Menu.typed, typed, start_workflow_operation=run, id=accepted.id
    )
    return PlainTextResponse(shown)


def _inbound(fields: dict[str, str]) -> Inbound:
    return Inbound(
        key=f"ussd:{fields['sessionId']}:{fields['text']}",
        address=f"{fields['serviceCode']}/{fields['phoneNumber']}",
        event="ussd_input",
        channel="ussd",
        kind="message",
        text=fields["text"],
    )


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
