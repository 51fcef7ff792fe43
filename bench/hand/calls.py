"""The effects of the hand-written contestants and the peers: an HTTP call each, by one pooled client."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import aiohttp


@dataclass
class Say:
    """A text said in a conversation."""

    conversation: int
    text: str


@dataclass
class Lead:
    """What the CRM is told."""

    conversation: int
    email: str
    segment: str


class Calls:
    """The sink's API: Chatwoot's messages and contacts, and a CRM; by the HTTP client that ours uses too."""

    def __init__(self) -> None:
        self.account = f"{os.environ['CHATWOOT_URL']}/api/v1/accounts/{os.environ['CHATWOOT_ACCOUNT_ID']}"
        self.crm = os.environ["BENCH_CRM_URL"]

    @cached_property
    def http(self) -> aiohttp.ClientSession:
        """One for the process; made where its loop runs."""
        token = {"api_access_token": os.environ["CHATWOOT_API_KEY"]}
        return aiohttp.ClientSession(headers=token, timeout=aiohttp.ClientTimeout(total=4))

    async def say(self, said: Say) -> int:
        """Send a message; its id."""
        body = {"content": said.text, "message_type": "outgoing", "private": False}
        sent = await self._call("POST", f"{self.account}/conversations/{said.conversation}/messages", body)
        return int(sent["id"])

    async def tell_crm(self, lead: Lead) -> None:
        """Post a lead."""
        body = {"email": lead.email, "segment": lead.segment, "conversation": lead.conversation}
        await self._call("POST", self.crm, body)

    async def remember(self, contact: int, name: str) -> None:
        """Update the contact."""
        await self._call("PUT", f"{self.account}/contacts/{contact}", {"name": name})

    async def _call(self, method: str, url: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.request(method, url, json=body, raise_for_status=True) as answer:
            found: dict[str, Any] = await answer.json()
            return found
