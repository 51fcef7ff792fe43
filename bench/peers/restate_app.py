"""`python -m bench.peers.restate_app`: lead capture as a Restate workflow, served over HTTP/2."""

import asyncio
import os
import re
from datetime import timedelta
from itertools import count
from typing import Any

import restate
from hypercorn.asyncio import serve
from hypercorn.config import Config

from bench.hand.calls import Calls, Lead, Say

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ANSWERED_WITHIN = timedelta(minutes=30)
calls = Calls()


class Conversation:
    """What a run has of its conversation."""

    def __init__(self, context: Any, told: dict[str, int]) -> None:
        self.context, self.id, self.contact = context, told["conversation"], told["contact"]
        self.answers = count()

    async def do(self, effect: Any, *args: Any) -> None:
        """A step: its result is in the journal, so a run that goes on after a crash does not repeat it."""
        await self.context.run_typed(effect.__name__, effect, restate.RunOptions(max_attempts=5), *args)

    async def say(self, text: str) -> None:
        """Say something."""
        await self.do(calls.say, Say(self.id, text))

    async def answer(self) -> str:
        """What the contact says next; raises TimeoutError."""
        heard = self.context.promise(_name(next(self.answers))).value()
        match await restate.select(heard=heard, late=self.context.sleep(ANSWERED_WITHIN)):
            case ["heard", str(text)]:
                return text
        raise TimeoutError


async def run(context: restate.WorkflowContext, told: dict[str, int]) -> dict[str, str]:
    """The conversation, start to end."""
    try:
        return await _lead(Conversation(context, told))
    except TimeoutError:
        return {}


async def _lead(talk: Conversation) -> dict[str, str]:
    await talk.say("Welcome to Duka Moja!")
    await talk.say("What is your name?")
    name = await talk.answer()
    await talk.say("What is your email address?")
    email = await talk.answer()
    while not EMAIL.fullmatch(email.strip()):
        await talk.say("Please try again.")
        email = await talk.answer()
    lead = Lead(talk.id, email, f"lead of {name}")
    await talk.do(calls.tell_crm, lead)
    await talk.say(f"Thank you, {name}!")
    await talk.do(calls.remember, talk.contact, name)
    return {"user_name": name, "user_email": email, "segment": lead.segment}


async def hear(context: restate.WorkflowSharedContext, text: str) -> None:
    """A message of the contact: the next answer that nobody has given."""
    for at in count():
        promise = context.promise(_name(at), type_hint=str)
        if await promise.peek() is None:
            await promise.resolve(text)
            return


def _name(answer: int) -> str:
    return f"answer {answer}"


lead = restate.Workflow("lead")
lead.main()(run)
lead.handler()(hear)


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    asyncio.run(serve(restate.app([lead]), config))
