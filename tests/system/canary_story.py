"""A `dev` that is filled with canaries, and the means to do so."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import SecretStr
from temporalio.client import Client

from dsl.messages import ENDED
from providers.chatwoot.signature import sign
from providers.http.pooled import Pooled
from tests.system.canaries import Canaries
from tests.system.canary_places import environment_of
from tests.system.local import Dev
from tests.waiting import until
from wiring.keys import load_or_create
from wiring.visitor import Visitor

WEBHOOK_SECRET = "CHATWOOT_WEBHOOK_SECRET"
TOLD = ("CHATWOOT_API_KEY", "CHATWOOT_BOT_TOKEN", WEBHOOK_SECRET, "AT_API_KEY", "AT_CALLBACK_SECRET")
"""Secrets that the processes are told."""


@dataclass(frozen=True)
class Answer:
    """What the API was asked (address, headers, body), and what it answered (headers, body)."""

    asked: bytes
    status: int
    told: bytes
    body: bytes


@dataclass
class Story:
    """A `dev` and its people. What they say is `canary`'s, what its operator keeps is `secret`'s."""

    dev: Dev
    api: httpx.AsyncClient
    chatwoot: Pooled
    temporal: Client
    provider: str
    canary: Canaries
    secret: Canaries
    answers: list[Answer] = field(default_factory=list)
    flows: dict[str, str] = field(default_factory=dict)

    async def publish(self, name: str, document: dict[str, Any]) -> None:
        """The flow, live, to be executed by that name."""
        made = await self.api.post("/api/v1/flows", json={"flow": document})
        self.flows[name] = made.json()["id"]
        done = await self.api.post(f"/api/v1/flows/{self.flows[name]}/publish", json={})
        assert done.status_code == 200, done.text

    async def visitor(self, who: str) -> Visitor:
        """A person of whom everything is a canary."""
        state = (await self.chatwoot.request("GET", "/_control/state")).json()
        canary = self.canary
        person = {
            "name": f'{canary(f"name of {who}")} "Ü/',
            "email": f"{canary(f'e-mail of {who}')}@example.org",
            "phone_number": canary.phone(f"phone of {who}"),
            "identifier": canary(f"identifier of {who}"),
            "custom_attributes": {"tier": canary(f"attribute of {who}")},
        }
        about = {"custom_attributes": {"order": canary(f"attribute of the conversation with {who}")}}
        return Visitor(self.chatwoot, state["inboxes"][0]["identifier"], person=person, about=about)

    async def start(self, flow: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """Start an execution, or try to."""
        path = f"/api/v1/flows/{self.flows[flow]}/execute"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.api.post(path, json=body, headers=named)

    async def execute(self, flow: str, body: dict[str, Any], **headers: str) -> str:
        """Start an execution; its id."""
        started = await self.start(flow, body, **headers)
        assert started.status_code == 202, started.text
        return str(started.json()["executionId"])

    def trigger(self) -> dict[str, Any]:
        """A payload whose names are canaries too."""
        return {"order": {"n": self.canary("trigger payload")}, self.canary("key of a trigger"): True}

    async def over(self, id: str) -> dict[str, Any]:
        """The execution, once it has ended."""
        await self.all_over([id])
        found: dict[str, Any] = (await self.api.get(f"/api/v1/executions/{id}")).json()
        return found

    async def all_over(self, ids: Sequence[str]) -> None:
        """Return when all of these executions have ended."""

        async def ended() -> bool:
            listed = (await self.api.get("/api/v1/executions", params={"limit": "200"})).json()["items"]
            return {item["id"] for item in listed if item["status"] in ENDED} >= set(ids)

        await until(ended, seconds=40)

    async def over_with(self, visitor: Visitor) -> dict[str, Any]:
        """The execution of the person's conversation, once it has ended."""
        path = f"/api/v1/executions?conversationId={visitor.conversation}"
        [found] = (await self.api.get(path)).json()["items"]
        return await self.over(found["id"])

    async def fault(self, action: str, **more: Any) -> None:
        """Chatwoot does something else once."""
        await self.chatwoot.request("POST", "/_control/faults", json={"action": action, **more})

    async def webhook(
        self, body: bytes, headers: dict[str, str] | None = None, *, channel: str = "main"
    ) -> httpx.Response:
        """A webhook, signed as Chatwoot does unless `headers` say how."""
        sent = {"Content-Type": "application/json", **(self.signed(body) if headers is None else headers)}
        return await self.api.post(f"/webhooks/chatwoot/{channel}", content=body, headers=sent)

    def signed(self, body: bytes, *, age: int = 0, secret: str | None = None) -> dict[str, str]:
        """The headers of a webhook: Chatwoot's own where nothing else is said."""
        then = str(int(time.time()) - age)
        key = SecretStr(secret or self.secret.planted[WEBHOOK_SECRET].decode())
        return {"X-Chatwoot-Timestamp": then, "X-Chatwoot-Signature": sign(key, timestamp=then, body=body)}

    async def note(self, response: httpx.Response) -> None:
        """What the API answers is kept, and what it was asked."""
        told, asked = await response.aread(), response.request
        words = [str(asked.url).encode(), _written(asked.headers), await asked.aread()]
        answer = b"\n".join([_written(response.headers), told])
        self.answers.append(Answer(b"\n".join(words), response.status_code, answer, told))


def _written(headers: httpx.Headers) -> bytes:
    return b"\n".join(b": ".join(header) for header in headers.raw)


async def heard(visitor: Visitor, count: int) -> None:
    """Return when the person has heard so much."""

    async def enough() -> bool:
        return len(await visitor.heard()) >= count

    await until(enough, seconds=40)


@asynccontextmanager
async def opened_story(
    dev: Dev, provider: str, key: str, canary: Canaries, secret: Canaries
) -> AsyncIterator[Story]:
    """A story on a `dev` which has that API key; its other secrets are those that it was told or made."""
    secret.keep(_secrets_of(dev))
    temporal = await Client.connect(dev.record().parts["temporal"].url or "")
    async with (
        httpx.AsyncClient(base_url=dev.url("api"), headers={"X-API-Key": key}, timeout=30) as api,
        Pooled(dev.url("chatwoot"), provider="chatwoot") as chatwoot,
    ):
        story = Story(dev, api, chatwoot, temporal, provider, canary, secret)
        api.event_hooks["response"].append(story.note)
        yield story


def _secrets_of(dev: Dev) -> dict[str, str | bytes]:
    environment, keys = environment_of(dev, "api"), load_or_create(dev.folder)
    made = {"id hash key": keys.id_hash_key, "JWT key": keys.jwt_key, **keys.data_keys}
    password = environment["DATABASE_URL"].partition("@")[0].rpartition(":")[2]
    return (
        {name: environment[name] for name in TOLD}
        | {name: key.get_secret_value() for name, key in made.items()}
        | {"database password": password}
    )
