"""Both ends of conversations with a running `dev`: its API, and people in its local Chatwoot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from dsl.messages import ENDED
from providers.http.pooled import Pooled
from simulator.lines import Click, Expect, Line, Say
from tests.system.local import Dev
from wiring.files import ROOT
from wiring.scenario import play
from wiring.stand_in import BOT
from wiring.visitor import Visitor

EXAMPLES = ROOT / "examples"
LEAD, SUPPORT = (EXAMPLES / name / f"{name}.json" for name in ("lead_capture", "support_ticket"))
NAME, EMAIL = "What is your name?", "What is your email address?"
THANKS = "Thank you, John! We will contact you at john@example.com."
PATIENCE = 60.0
"""Seconds for an answer: parts may be starting anew, on a machine that other tests share."""


@dataclass(frozen=True)
class Office:
    """A `dev` with a flow published for one inbox."""

    dev: Dev
    api: httpx.AsyncClient
    chatwoot: Pooled
    inbox: dict[str, Any]

    async def visitor(self) -> Visitor:
        """A new person in the inbox."""
        return Visitor(self.chatwoot, self.inbox["identifier"])

    async def beside(self, flow: dict[str, Any]) -> "Office":
        """The same house with another flow, for an inbox of its own."""
        inbox = {"name": flow["name"], "agent_bot_id": BOT}
        seeded = await self.chatwoot.request("POST", "/_control/seed", json={"inboxes": [inbox]})
        office = replace(self, inbox=seeded.json()["inboxes"][-1])
        await office.publish(flow)
        return office

    async def set_chatwoot(self, **settings: Any) -> None:
        """Settings of the local Chatwoot."""
        await self.chatwoot.request("POST", "/_control/seed", json={"settings": settings})

    async def publish(self, flow: dict[str, Any]) -> None:
        """The flow, live in the inbox; under an id of its own, for one flow has one trigger."""
        trigger = {**flow["trigger"], "inboxId": self.inbox["id"]}
        await self.publish_below({**flow, "id": f"{flow['id']}-{self.inbox['id']}", "trigger": trigger})

    async def publish_below(self, flow: dict[str, Any]) -> None:
        """A flow that others walk, as it is."""
        created = await self.api.post("/api/v1/flows", json={"flow": flow})
        published = await self.api.post(f"/api/v1/flows/{created.json()['id']}/publish", json={})
        assert published.status_code == 200, published.text

    async def agent(self, visitor: Visitor, action: str) -> None:
        """Somebody at the desk does something with the conversation; its webhooks are delivered."""
        act = {"action": action, "conversation": visitor.conversation}
        await self.chatwoot.request("POST", "/_control/customer", json=act)
        await self.settled()

    async def settled(self) -> None:
        """Return when every webhook is delivered."""
        idle = await self.chatwoot.request("GET", "/_control/idle", params={"seconds": "20"}, seconds=25)
        assert idle.json()["idle"]

    async def sent_to(self, visitor: Visitor) -> list[str]:
        """What was asked of Chatwoot to send, whatever became of it, by its journal."""
        journal = (await self.chatwoot.request("GET", "/_control/journal")).json()["lines"]
        return [
            line["body"]["content"]
            for line in journal
            if line["kind"] == "api"
            and line["method"] == "POST"
            and line["route"].startswith("/api/v1/accounts/")
            and line["route"].endswith("/messages")
            and line["ids"]["conversation_id"] == visitor.conversation
        ]

    async def execution(self, visitor: Visitor) -> dict[str, Any]:
        """The one execution of the person's conversation, when it has ended.

        An end that is on record may be walked once more where something came in behind it.
        """
        async with asyncio.timeout(20):
            while True:
                [listed] = await self.executions(visitor)
                found = await self._get(f"/api/v1/executions/{listed['id']}")
                if found["status"] in ENDED:
                    return found
                await asyncio.sleep(0.05)

    async def until_executions(self, visitor: Visitor, count: int) -> list[dict[str, Any]]:
        """All of the person's conversation, newest first, once there are so many on record."""
        async with asyncio.timeout(20):
            while True:
                if len(found := await self.executions(visitor)) == count:
                    return found
                await asyncio.sleep(0.05)

    async def executions(self, visitor: Visitor) -> list[dict[str, Any]]:
        listed = await self._get("/api/v1/executions", conversationId=str(visitor.conversation))
        items: list[dict[str, Any]] = listed["items"]
        return items

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        answer = await self.api.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def opened_office(dev: Dev) -> AsyncIterator[Office]:
    """The lead capture in the stand-in's inbox, published by the key that the first start has shown."""
    headers = {"X-API-Key": dev.first_key}
    async with (
        httpx.AsyncClient(base_url=dev.url("api"), headers=headers, timeout=20) as api,
        Pooled(dev.url("chatwoot"), provider="chatwoot") as chatwoot,
    ):
        state = (await chatwoot.request("GET", "/_control/state")).json()
        office = Office(dev, api, chatwoot, state["inboxes"][0])
        await office.publish(read_flow(LEAD))
        yield office


def read_flow(path: Path) -> dict[str, Any]:
    """A flow's document."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


async def talk(visitor: Visitor, *exchanges: tuple[str, ...]) -> None:
    """Say each first thing (a `[title]` is picked) and get the others for an answer."""
    lines: list[Line] = []
    for said, *answers in exchanges:
        picked = said.startswith("[")
        lines += [Click(click=said.strip("[]")) if picked else Say(say=said)]
        lines += [Expect(expect=answer) for answer in answers]
    later = _Later(visitor, len(await visitor.heard()))
    await play(lines, later, lambda who, text: None, patience=PATIENCE)


@dataclass(frozen=True)
class _Later:
    """A visitor from now on: what was said before is not counted."""

    visitor: Visitor
    before: int

    async def say(self, text: str) -> None:
        await self.visitor.say(text)

    async def click(self, choice: str) -> None:
        await self.visitor.click(choice)

    async def heard(self) -> list[str]:
        return (await self.visitor.heard())[self.before :]
