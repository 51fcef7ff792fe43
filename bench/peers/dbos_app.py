"""`python -m bench.peers.dbos_app`: lead capture on DBOS: one process, its state in PostgreSQL."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from dbos import DBOS, SetWorkflowID
from fastapi import FastAPI, Request, Response

from bench.hand.calls import Calls, Lead, Say
from bench.hand.webhook import TABLE, Heard, Unsigned, heard

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ANSWERED_WITHIN = 1800.0
RETRIED = {"retries_allowed": True, "max_attempts": 5}
calls = Calls()


async def _do(effect: Any, *args: Any) -> None:
    """A step: its result is kept, so a conversation that goes on after a crash does not repeat it."""
    await DBOS.run_step_async({"name": effect.__name__, **RETRIED}, effect, *args)


async def _answer() -> str:
    text = await DBOS.recv_async("heard", timeout_seconds=ANSWERED_WITHIN)
    if text is None:
        raise TimeoutError
    return str(text)


async def _talk(conversation: int, contact: int) -> dict[str, str]:
    """The conversation, start to end."""
    try:
        return await _lead(conversation, contact)
    except TimeoutError:
        return {}


async def _lead(conversation: int, contact: int) -> dict[str, str]:
    await _do(calls.say, Say(conversation, "Welcome to Duka Moja!"))
    await _do(calls.say, Say(conversation, "What is your name?"))
    name = await _answer()
    await _do(calls.say, Say(conversation, "What is your email address?"))
    email = await _answer()
    while not EMAIL.fullmatch(email.strip()):
        await _do(calls.say, Say(conversation, "Please try again."))
        email = await _answer()
    lead = Lead(conversation, email, f"lead of {name}")
    await _do(calls.tell_crm, lead)
    await _do(calls.say, Say(conversation, f"Thank you, {name}!"))
    await _do(calls.remember, contact, name)
    return {"user_name": name, "user_email": email, "segment": lead.segment}


talk = DBOS.workflow(name="lead")(_talk)


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """Its database, twice: ours for the INSERT, and its own tables beside it."""
    dsn = os.environ["DATABASE_URL"]
    DBOS(config={"name": "lead", "system_database_url": dsn, "log_level": "WARNING"})
    DBOS.launch()
    async with asyncpg.create_pool(dsn, min_size=2, max_size=10) as pool:
        await pool.execute(TABLE)
        app.state.db, app.state.begun = pool, set[int]()
        yield
    DBOS.destroy()


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
    id = f"lead-{message.conversation}"
    if message.conversation in app.state.begun or await DBOS.get_workflow_status_async(id):
        await DBOS.send_async(id, message.text, "heard")
    else:
        with SetWorkflowID(id):
            await DBOS.start_workflow_async(talk, message.conversation, message.contact)
    app.state.begun.add(message.conversation)


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
