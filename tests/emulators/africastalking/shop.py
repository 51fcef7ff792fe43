"""An emulated application with a receiver that keeps every callback and answers as it is told."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import FastAPI, Request, Response

from emulators.africastalking.app import create_app
from emulators.africastalking.config import Callbacks, Config
from emulators.africastalking.emulator import Emulator

Json = dict[str, Any]
START = 1767604522.417
RECEIVER = "http://receiver.test/secret-path"
ASHA, JUMA = "+254700000111", "+254700000112"
NAMES = tuple(Callbacks.model_fields)
HEADERS = {"apiKey": "sandbox-key", "Accept": "application/json"}


@dataclass
class Hook:
    """One callback as it arrived."""

    name: str
    headers: dict[str, str]
    raw: bytes

    @property
    def fields(self) -> Json:
        if self.headers["content-type"] == "application/json":
            parsed: Json = json.loads(self.raw)
            return parsed
        assert self.headers["content-type"] == "application/x-www-form-urlencoded"
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True, strict_parsing=True))


@dataclass
class Receiver:
    """A web server that answers with the scripted replies of a callback, then with an empty 200."""

    hooks: list[Hook] = field(default_factory=list)
    script: defaultdict[str, list[Response]] = field(default_factory=lambda: defaultdict(list))
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/secret-path/{name}")
        async def take(name: str, request: Request) -> Response:
            self.hooks.append(Hook(name, dict(request.headers), await request.body()))
            self.arrived.set()
            return self.script[name].pop(0) if self.script[name] else Response()

        return app

    def of(self, name: str) -> list[Json]:
        return [hook.fields for hook in self.hooks if hook.name == name]

    async def first(self, name: str) -> Json:
        """The first callback of that name, waited for."""
        async with asyncio.timeout(5):
            while not self.of(name):
                self.arrived.clear()
                await self.arrived.wait()
        return self.of(name)[0]

    def answers(self, name: str, *statuses: int) -> None:
        self.script[name] += [Response(status_code=status) for status in statuses]

    def screens(self, *texts: str, **headers: str) -> None:
        self.script["ussd"] += [Response(text, 200, headers, "text/plain") for text in texts]

    def actions(self, *documents: str) -> None:
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        self.script["voice"] += [
            Response(f"{head}<Response>{inner}</Response>", media_type="application/xml")
            for inner in documents
        ]


@dataclass
class Clock:
    """Time that passes when the test says so."""

    moment: float = START

    def __call__(self) -> float:
        return self.moment


class Shop:
    """An emulator in this process with everything a test does to it."""

    def __init__(self, **settings: Any) -> None:
        self.receiver = Receiver()
        self.clock = Clock()
        callbacks = {name: f"{RECEIVER}/{name}" for name in NAMES if not name.endswith("_validation")}
        plain = {"callbacks": callbacks, "retry_delay": 0.001, "report_delay": 0.01, "reorder_hold": 0.2}
        config = Config.model_validate(plain | settings)
        transport = httpx.ASGITransport(self.receiver.app())
        self.app = create_app(config, transport=transport, clock=self.clock)
        self.emulator: Emulator = self.app.state.emulator
        self.user = config.username
        inside = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=inside, base_url="http://at.test", headers=HEADERS)

    async def close(self) -> None:
        await self.http.aclose()
        await self.emulator.close()

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """A call with a form of the application."""
        return await self.http.post(path, data={"username": self.user, **fields})

    async def post_json(self, path: str, key: str = "", **fields: Any) -> httpx.Response:
        """A call with JSON of the application; `key` is its idempotency key."""
        headers = {"Idempotency-Key": key} if key else None
        return await self.http.post(path, json={"username": self.user, **fields}, headers=headers)

    async def get(self, path: str, **fields: Any) -> httpx.Response:
        return await self.http.get(path, params={"username": self.user, **fields})

    async def send(self, *numbers: str, text: str = "Habari", **fields: Any) -> Json:
        """A message out; what the provider answers."""
        answer = await self.post("/api/version1/messaging", to=",".join(numbers), message=text, **fields)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()["SMSMessageData"]
        return told

    async def try_to(self, action: str, **fields: Any) -> httpx.Response:
        return await self.http.post("/_control/customer", json={"action": action, **fields})

    async def customer(self, action: str, **fields: Any) -> Json:
        answer = await self.try_to(action, **fields)
        assert answer.status_code == 200, answer.text
        result: Json = answer.json()
        return result

    async def settle(self) -> Receiver:
        """Wait for every callback."""
        assert await self.emulator.engine.idle(5)
        return self.receiver

    async def state(self) -> Json:
        told: Json = (await self.http.get("/_control/state")).json()
        return told

    async def journal(self, kind: str) -> list[Json]:
        lines = (await self.http.get("/_control/journal")).json()["lines"]
        return [line for line in lines if line["kind"] == kind]

    async def fault(self, action: str, match: Json | None = None, **more: Any) -> None:
        body = {"action": action, "match": match or {}, **more}
        answer = await self.http.post("/_control/faults", json=body)
        assert answer.status_code == 200, answer.text

    async def landed(self) -> list[int]:
        return [fault["landed"] for fault in (await self.http.get("/_control/faults")).json()]
