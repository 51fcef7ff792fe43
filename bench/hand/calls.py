"""The effects of the hand-written contestants and the peers: an HTTP call each, by one pooled client."""

import os
from dataclasses import dataclass
from typing import Any

import httpx


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
    """The sink's API: Chatwoot's messages and contacts, and a CRM."""

    def __init__(self) -> None:
        token = os.environ["CHATWOOT_API_KEY"]
        account = f"{os.environ['CHATWOOT_URL']}/api/v1/accounts/{os.environ['CHATWOOT_ACCOUNT_ID']}"
        self.http = httpx.AsyncClient(base_url=account, headers={"api_access_token": token}, timeout=4)
        self.crm = os.environ["BENCH_CRM_URL"]

    async def say(self, said: Say) -> int:
        """Send a message; its id."""
        body = {"content": said.text, "message_type": "outgoing", "private": False}
        sent = await self._post(f"/conversations/{said.conversation}/messages", body)
        return int(sent["id"])

    async def tell_crm(self, lead: Lead) -> None:
        """Post a lead."""
        body = {"email": lead.email, "segment": lead.segment, "conversation": lead.conversation}
        await self._post(self.crm, body)

    async def remember(self, contact: int, name: str) -> None:
        """Update the contact."""
        answer = await self.http.put(f"/contacts/{contact}", json={"name": name})
        answer.raise_for_status()

    async def _post(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.http.post(url, json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
