"""Both ends of a conversation: a sink that answers as Chatwoot and a CRM do, and the contact who writes."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from bench.wire import JSON, Client, WireError
from bench.wire import serving as wired

ACCOUNT, INBOX, PERSON = 3, 12, 501
ANSWER_AFTER = 0.001
"""Seconds that every effect takes at the sink."""
NAME, EMAIL = "John", "john@example.com"
ASKED = {"What is your name?": NAME, "What is your email address?": EMAIL}


@dataclass
class Talk:
    """One conversation: `turns` are seconds from an answer to the next effect, `effects` those seen."""

    id: int
    front: str
    think: float
    effects: list[str] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    asked_at: float | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


Answer = Callable[[Talk, str], str | None]


def lead(_talk: Talk, said: str) -> str | None:
    """Who is asked for name and address gives them."""
    return ASKED.get(said)


class Contacts:
    """The contacts of a bench: they answer what they are asked, after thinking."""

    def __init__(self, secret: str, answer: Answer = lead) -> None:
        self.secret, self.answer, self.talks = secret.encode(), answer, dict[int, Talk]()
        self.messages = count(1)
        """Ids of messages, ours and theirs, as Chatwoot counts them."""
        self.http = Client()
        self.tasks: set[asyncio.Task[None]] = set()

    async def converse(self, talk: Talk, within: float, opening: str = "Hi there") -> None:
        """Open the conversation and hold it to its end; raises TimeoutError."""
        self.talks[talk.id] = talk
        await self.write(talk, opening)
        async with asyncio.timeout(within):
            await talk.done.wait()

    def effect(self, conversation: int, what: str) -> None:
        """An effect has arrived at the sink."""
        talk = self.talks.get(conversation)
        if talk is None:
            return
        talk.effects.append(what)
        if talk.asked_at is not None:
            talk.turns.append(time.perf_counter() - talk.asked_at)
            talk.asked_at = None
        if (answer := self.answer(talk, what)) is not None:
            self._soon(self._answer(talk, answer))
        if what == "remember":
            talk.done.set()

    async def _answer(self, talk: Talk, text: str) -> None:
        await asyncio.sleep(talk.think)
        talk.asked_at = time.perf_counter()
        await self.write(talk, text)

    async def write(self, talk: Talk, text: str) -> None:
        """Say something in a conversation; raises WireError where the front does not take it."""
        body = orjson.dumps(_webhook(talk.id, next(self.messages), text))
        stamp = str(int(time.time()))
        digest = hmac.digest(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hex()
        headers = {
            "content-type": JSON,
            "x-chatwoot-timestamp": stamp,
            "x-chatwoot-signature": f"sha256={digest}",
        }
        answer = await self.http.post(f"{talk.front}/webhooks/chatwoot/main", body, headers)
        if not 200 <= answer.status < 300:
            raise WireError(f"a webhook was answered with {answer.status}: {answer.body[:200]!r}")

    def _soon(self, writing: Any) -> None:
        task = asyncio.get_running_loop().create_task(writing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Sink:
    """What the contestants call: each call is told to the contacts.

    A contact belongs to one conversation: its id is the conversation's behind `PERSON`.
    """

    def __init__(self, contacts: Contacts) -> None:
        self.contacts = contacts
        self._account = f"/api/v1/accounts/{ACCOUNT}/"

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """What Chatwoot (a message sent, a contact changed) and the CRM say; raises LookupError."""
        if (method, path) == ("POST", "/crm"):
            return self._told(int(orjson.loads(body)["conversation"]), "crm", {"ok": True})
        match (method, *path.removeprefix(self._account).split("/")):
            case ("POST", "conversations", id, "messages"):
                said = orjson.loads(body)["content"]
                message = {"id": next(self.contacts.messages), "content": said, "message_type": 1}
                return self._told(int(id), said, message)
            case ("PUT" | "PATCH", "contacts", id):
                answer = {"payload": {"id": int(id), "name": NAME}}
                return self._told(int(id) - PERSON, "remember", answer)
        raise LookupError(path)

    def _told(self, conversation: int, what: str, answer: dict[str, Any]) -> bytes:
        self.contacts.effect(conversation, what)
        return orjson.dumps(answer)


@asynccontextmanager
async def serving(sink: Sink, port: int) -> AsyncIterator[None]:
    """The sink on loopback; every effect takes it `ANSWER_AFTER`."""
    async with wired(sink.answer, port, after=ANSWER_AFTER):
        try:
            yield
        finally:
            sink.contacts.http.close()


def _webhook(conversation: int, message: int, text: str) -> dict[str, Any]:
    return {
        "event": "message_created", "id": message, "content": text, "message_type": "incoming",
        "private": False, "account": {"id": ACCOUNT, "name": "Duka Moja"},
        "sender": {"id": PERSON + conversation, "name": "Asha", "type": "contact"},
        "inbox": {"id": INBOX, "name": "Api"},
        "conversation": {
            "id": conversation, "status": "pending", "inbox_id": INBOX, "channel": "Channel::Api",
        },
    }  # fmt: skip
