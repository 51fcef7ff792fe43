"""An emulated installation with its people, and a receiver that keeps every webhook it gets."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response

from emulators.chatwoot.app import create_app
from emulators.chatwoot.config import Config
from emulators.chatwoot.emulator import Emulator

Json = dict[str, Any]
START = 1767604522.417
RECEIVER = "http://receiver.test"
SECRETS = {"account": "secret-account", "inbox": "secret-inbox", "bot": "secret-bot"}
SEED: Json = {
    "account": {"id": 3, "name": "Duka Moja"},
    "users": [
        {"id": 8, "name": "Juma", "email": "juma@example.org", "token": "agent-token"},
        {"id": 9, "name": "Rehema", "role": "administrator", "token": "admin-token"},
    ],
    "agent_bots": [
        {"id": 4, "token": "bot-token", "outgoing_url": f"{RECEIVER}/bot", "secret": SECRETS["bot"]}
    ],
    "inboxes": [
        {
            "id": 12,
            "name": "Api",
            "channel": "api",
            "identifier": "api-door",
            "hmac_token": "identity-key",
            "webhook_url": f"{RECEIVER}/inbox",
            "secret": SECRETS["inbox"],
            "agent_bot_id": 4,
        },
        {"id": 13, "name": "Web chat", "channel": "web_widget", "agent_bot_id": 4},
        {"id": 14, "name": "Desk only", "channel": "web_widget"},
        {"id": 15, "name": "Texts", "channel": "sms"},
    ],
    "webhooks": [{"id": 21, "url": f"{RECEIVER}/account", "secret": SECRETS["account"]}],
    "teams": [{"id": 2, "name": "Billing"}],
    "labels": [{"id": 31, "title": "vip"}],
    "contact_attribute_keys": ["tier"],
}


@dataclass
class Hook:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        parsed: Json = json.loads(self.raw)
        return parsed

    @property
    def delivery(self) -> str:
        return self.headers["x-chatwoot-delivery"]


@dataclass
class Receiver:
    """A web server that answers with the scripted statuses of a path, then with 200."""

    hooks: list[Hook] = field(default_factory=list)
    script: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/{path}")
        async def take(path: str, request: Request) -> Response:
            self.hooks.append(Hook(path, dict(request.headers), await request.body()))
            answers = self.script[path]
            return Response(status_code=answers.pop(0) if answers else 200)

        return app

    def events(self, path: str) -> list[str]:
        return [hook.body["event"] for hook in self.hooks if hook.path == path]

    def of(self, path: str, event: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.path == path and hook.body["event"] == event]

    def last(self, path: str, event: str) -> Json:
        return self.of(path, event)[-1].body


@dataclass
class Clock:
    """Time that passes when the test says so, or by `step` whenever somebody looks."""

    moment: float = START
    step: float = 0.0

    def __call__(self) -> float:
        self.moment += self.step
        return self.moment


class Desk:
    """An emulator in this process with everything a test does to it."""

    def __init__(self, **settings: Any) -> None:
        self.receiver = Receiver()
        self.clock = Clock()
        config = Config(**{"bot_retry_delay": 0.0, "reorder_hold": 0.2} | settings)
        transport = httpx.ASGITransport(self.receiver.app())
        self.app = create_app(config, transport=transport, clock=self.clock)
        self.emulator: Emulator = self.app.state.emulator
        inside = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=inside, base_url="http://chatwoot.test")

    async def open(self, seed: Json = SEED) -> "Desk":
        assert (await self.http.post("/_control/seed", json=seed)).status_code == 200
        return self

    async def close(self) -> None:
        await self.http.aclose()
        await self.emulator.close()

    async def call(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Call the account API as `bot`, `agent`, `admin` or with another token."""
        token = f"{who}-token" if who in ("bot", "agent", "admin") else who
        url = f"/api/v1/accounts/3{path}"
        return await self.http.request(method, url, json=body, headers={"api_access_token": token}, **more)

    async def customer(self, action: str, **fields: Any) -> Json:
        answer = await self.http.post("/_control/customer", json={"action": action, **fields})
        assert answer.status_code == 200, answer.text
        result: Json = answer.json()
        return result

    async def start(self, inbox: int = 12, **fields: Any) -> int:
        """A new conversation of a new customer; its display id."""
        started = await self.customer("start", inbox=inbox, **fields)
        return int(started["conversationId"])

    async def say(self, conversation: int, text: str, **fields: Any) -> Json:
        return await self.customer("say", conversation=conversation, text=text, **fields)

    async def send(self, conversation: int, who: str = "bot", **body: Any) -> httpx.Response:
        return await self.call(who, "POST", f"/conversations/{conversation}/messages", body)

    async def sent(self, conversation: int, who: str = "bot", **body: Any) -> Json:
        answer = await self.send(conversation, who, **body)
        assert answer.status_code == 200, answer.text
        message: Json = answer.json()
        return message

    async def toggle(self, who: str, conversation: int, **body: Any) -> Json:
        answer = await self.call(who, "POST", f"/conversations/{conversation}/toggle_status", body)
        assert answer.status_code == 200, answer.text
        payload: Json = answer.json()["payload"]
        return payload

    async def look(self, conversation: int) -> Json:
        """The conversation's row, as the state shows it."""
        answer = await self.http.get("/_control/state", params={"conversation": conversation})
        row: Json = answer.json()["conversation"]
        return row

    async def thread(self, conversation: int) -> list[Json]:
        answer = await self.http.get("/_control/state", params={"conversation": conversation})
        messages: list[Json] = answer.json()["messages"]
        return messages

    async def settle(self) -> Receiver:
        """Wait for every delivery."""
        assert await self.emulator.engine.idle(5)
        return self.receiver

    async def journal(self, kind: str) -> list[Json]:
        lines = (await self.http.get("/_control/journal")).json()["lines"]
        return [line for line in lines if line["kind"] == kind]

    async def fault(self, action: str, match: Json | None = None, **more: Any) -> Json:
        body = {"action": action, "match": match or {}, **more}
        answer = await self.http.post("/_control/faults", json=body)
        assert answer.status_code == 200, answer.text
        fault: Json = answer.json()
        return fault

    async def landed(self) -> list[int]:
        return [fault["landed"] for fault in (await self.http.get("/_control/faults")).json()]
