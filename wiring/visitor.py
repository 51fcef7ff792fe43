"""A contact of an API inbox, by Chatwoot's public client API: how the demo speaks."""

from collections.abc import Mapping
from typing import Any

from dsl.model import Json
from providers.http.pooled import Pooled

INCOMING = 0
JOHN: Mapping[str, Json] = {"name": "John"}


class Visitor:
    """One person; `Contact` of a played conversation. The first words open the conversation.

    `person` and `about` are what the contact and the conversation are made of.
    """

    def __init__(
        self,
        chatwoot: Pooled,
        inbox_identifier: str,
        *,
        person: Mapping[str, Json] = JOHN,
        about: Mapping[str, Json] | None = None,
    ) -> None:
        self._chatwoot = chatwoot
        self._person, self._about = dict(person), dict(about or {})
        self._base = f"/public/api/v1/inboxes/{inbox_identifier}/contacts"
        self._heard: dict[int, str] = {}
        self.conversation: int | None = None

    async def say(self, text: str) -> None:
        """Write a message."""
        if self.conversation is None:
            await self.open()
        await self._ask("POST", "/messages", {"content": text})

    async def click(self, choice: str) -> None:
        """Pick a choice of the newest message that offers it; LookupError while there is none."""
        for message in reversed(await self._messages()):
            for item in (message.get("content_attributes") or {}).get("items") or []:
                if choice in (item.get("title"), item.get("value")):
                    picked = {"title": item["title"], "value": item["value"]}
                    await self._ask("PATCH", f"/messages/{message['id']}", {"submitted_values": [picked]})
                    return
        raise LookupError(choice)

    async def heard(self) -> list[str]:
        """What was said to the person, oldest first."""
        if self.conversation is not None:
            # A list holds the newest 20 only.
            self._heard |= {
                m["id"]: str(m["content"]) for m in await self._messages() if m["message_type"] != INCOMING
            }
        return list(self._heard.values())

    async def open(self) -> None:
        """Begin the conversation, without a word yet."""
        contact = (await self._chatwoot.request("POST", self._base, json=self._person)).json()
        self._base = f"{self._base}/{contact['source_id']}/conversations"
        opened = (await self._chatwoot.request("POST", self._base, json=self._about)).json()
        self.conversation = opened["id"]

    async def _messages(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = await self._ask("GET", "/messages", None)
        return listed

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        reply = await self._chatwoot.request(method, f"{self._base}/{self.conversation}{path}", json=body)
        return reply.json()
