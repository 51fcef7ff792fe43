"""Both ends of a conversation: a sink that answers as Chatwoot and a CRM do, and the contact who writes."""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ACCOUNT, INBOX, PERSON = 3, 12, 501
ANSWER_AFTER = 0.001
"""Seconds that every effect takes at the sink."""
NAME, EMAIL = "John", "john@example.com"
ASKED = {"What is your name?": NAME, "What is your email address?": EMAIL}
LAST = re.compile(r"/contacts/\d+$")


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
        self.http = httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=200))
        self.tasks: set[asyncio.Task[None]] = set()

    async def converse(self, talk: Talk, within: float, opening: str = "Hi there") -> None:
        """Open the conversation and hold it to its end; raises TimeoutError."""
        self.talks[talk.id] = talk
        await self._write(talk, opening)
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
        await self._write(talk, text)

    async def _write(self, talk: Talk, text: str) -> None:
        body = orjson.dumps(_webhook(talk.id, next(self.messages), text))
        stamp = str(int(time.time()))
        digest = hmac.new(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Chatwoot-Timestamp": stamp,
            "X-Chatwoot-Signature": f"sha256={digest}",
        }
        answer = await self.http.post(f"{talk.front}/webhooks/chatwoot/main", content=body, headers=headers)
        answer.raise_for_status()

    def _soon(self, writing: Any) -> None:
        task = asyncio.get_running_loop().create_task(writing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Sink:
    """What the contestants call: each call is answered after `ANSWER_AFTER`, and told to the contacts.

    A contact belongs to one conversation: its id is the conversation's behind `PERSON`.
    """

    def __init__(self, contacts: Contacts) -> None:
        self.contacts = contacts
        account = f"/api/v1/accounts/{ACCOUNT}"
        self.app = Starlette(
            routes=[
                Route(f"{account}/conversations/{{id:int}}/messages", self._message, methods=["POST"]),
                Route(f"{account}/contacts/{{id:int}}", self._contact, methods=["PUT", "PATCH"]),
                Route("/crm", self._lead, methods=["POST"]),
            ]
        )

    async def _message(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        message = {"id": next(self.contacts.messages), "content": body["content"], "message_type": 1}
        return await self._told(request.path_params["id"], body["content"], message)

    async def _contact(self, request: Request) -> Response:
        id = request.path_params["id"]
        return await self._told(id - PERSON, "remember", {"payload": {"id": id, "name": NAME}})

    async def _lead(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        return await self._told(int(body["conversation"]), "crm", {"ok": True})

    async def _told(self, conversation: int, what: str, answer: dict[str, Any]) -> Response:
        await asyncio.sleep(ANSWER_AFTER)
        self.contacts.effect(conversation, what)
        return Response(orjson.dumps(answer), media_type="application/json")


@asynccontextmanager
async def serving(sink: Sink, port: int) -> AsyncIterator[None]:
    """The sink on loopback."""
    config = uvicorn.Config(sink.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        await sink.contacts.http.aclose()
        server.should_exit = True
        await task


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
