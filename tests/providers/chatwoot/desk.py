"""A running emulator with people in it, and our client of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from emulators.chatwoot.config import Config
from emulators.chatwoot.server import running
from providers.chatwoot.client import Chatwoot
from providers.chatwoot.config import ChatwootConfig
from providers.http.pooled import Pooled

API, WIDGET, SMS = 12, 13, 15
CHANNELS = {API: "Channel::Api", WIDGET: "Channel::WebWidget", SMS: "Channel::TwilioSms"}
SECRETS = {"account": "secret-account", "bot": "secret-bot"}
BOT_TOKEN, USER_TOKEN = "bot-token", "admin-token"
SEED: dict[str, Any] = {
    "account": {"id": 3, "name": "Duka Moja"},
    "users": [
        {"id": 8, "name": "Juma", "email": "juma@example.org", "token": "agent-token"},
        {"id": 9, "name": "Rehema", "role": "administrator", "token": USER_TOKEN},
    ],
    "agent_bots": [{"id": 4, "token": BOT_TOKEN, "secret": SECRETS["bot"]}],
    "inboxes": [
        {"id": API, "name": "Api", "channel": "api", "agent_bot_id": 4},
        {"id": WIDGET, "name": "Web chat", "channel": "web_widget", "agent_bot_id": 4},
        {"id": SMS, "name": "Texts", "channel": "sms", "agent_bot_id": 4},
    ],
    "teams": [{"id": 2, "name": "Billing"}],
    "labels": [{"id": 31, "title": "vip"}],
    "contact_attribute_keys": ["tier"],
}


@dataclass
class Desk:
    """What a test does to the emulator, besides what the client does."""

    url: str
    control: Pooled

    def config(self, *, user: str = USER_TOKEN, bot: str | None = BOT_TOKEN) -> ChatwootConfig:
        return ChatwootConfig(
            url=self.url,
            account_id=3,
            api_key=SecretStr(user),
            bot_token=SecretStr(bot) if bot else None,
        )

    async def reset(self, **changes: Any) -> None:
        """Furnish anew; `settings` change the emulator's own."""
        await self.control.request("POST", "/reset", json=SEED | changes)

    async def act(self, action: str, **fields: Any) -> dict[str, Any]:
        done: dict[str, Any] = (
            await self.control.request("POST", "/customer", json={"action": action, **fields})
        ).json()
        return done

    async def start(self, inbox: int = WIDGET, **fields: Any) -> str:
        """A new customer, with a phone, opens a conversation; its display id."""
        started = await self.act("start", inbox=inbox, **({"phone": "+254700000999"} | fields))
        return str(started["conversationId"])

    async def fault(
        self, action: str, *, method: str = "POST", path: str = "/messages$", **more: Any
    ) -> None:
        match = {"method": method, "path": path}
        await self.control.request("POST", "/faults", json={"action": action, "match": match, **more})

    async def landed(self) -> int:
        """How many faults have struck."""
        return sum(fault["landed"] for fault in (await self.control.request("GET", "/faults")).json())

    async def look(self, conversation: str) -> Mapping[str, Any]:
        """The conversation's row and its messages, as the emulator keeps them."""
        reply = await self.control.request("GET", "/state", params={"conversation": conversation})
        seen: Mapping[str, Any] = reply.json()
        return seen

    async def thread(self, conversation: str, kind: str = "outgoing") -> list[dict[str, Any]]:
        rows = (await self.look(conversation))["messages"]
        return [row for row in rows if row["message_type"] in (kind, ["incoming", "outgoing"].index(kind))]


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    """An emulator behind a socket while inside."""
    async with running(Config(bot_retry_delay=0.0)) as emulator:
        control = Pooled(f"{emulator.url}/_control", provider="emulator", seconds=15)
        yield Desk(emulator.url, control)
        await control.aclose()


@asynccontextmanager
async def client_of(desk: Desk, seconds: float = 4.0, **tokens: Any) -> AsyncIterator[Chatwoot]:
    """Our client, closed on leaving."""
    client = Chatwoot(desk.config(**tokens), seconds=seconds)
    try:
        yield client
    finally:
        await client.aclose()
