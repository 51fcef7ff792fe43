"""`python -m bench.peers.dbos_app`: lead capture on DBOS: one process, its state in PostgreSQL."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dbos import DBOS, SetWorkflowID

from bench.hand.calls import Calls, Lead, Say
from bench.hand.webhook import Heard, Tell, serve

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
async def opened() -> AsyncIterator[Tell]:
    """DBOS, whose own tables lie beside the INSERT's."""
    DBOS(config={"name": "lead", "system_database_url": os.environ["DATABASE_URL"], "log_level": "WARNING"})
    DBOS.launch()
    begun = set[int]()

    async def tell(message: Heard) -> None:
        id = f"lead-{message.conversation}"
        if message.conversation in begun or await DBOS.get_workflow_status_async(id):
            await DBOS.send_async(id, message.text, "heard")
        else:
            with SetWorkflowID(id):
                await DBOS.start_workflow_async(talk, message.conversation, message.contact)
        begun.add(message.conversation)

    yield tell
    DBOS.destroy()


if __name__ == "__main__":
    serve(opened)
