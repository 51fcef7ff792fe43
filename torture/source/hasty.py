"""People who write a dozen messages at once, told of many times over, while the run goes on as another."""

import asyncio
import json
import time
from dataclasses import dataclass
from random import Random
from typing import Any

from pydantic import SecretStr

from providers.chatwoot.signature import sign
from providers.errors import ProviderError
from torture import flows
from torture.house import House
from torture.source.ears import Ears
from torture.source.people import Diary, word

BURSTS, MESSAGES = 3, 12
COPIES = 6
"""How often one webhook is told of at the same moment."""
PAUSE, LOOK = 2.0, 0.5
TRIES = 200
UNMARKED = """
WITH again AS (
    UPDATE inbound_events SET state = 'received' WHERE state = 'handed' AND lane_id = (
        SELECT lane_id FROM executions WHERE conversation_id = $1 ORDER BY created_at DESC LIMIT 1)
    RETURNING lane_id)
SELECT count(pg_notify('inbox', lane_id::text)) FROM again
"""
"""What is left by a relay that died between sending rows and marking them: they are sent again."""
HEARD = "SELECT id FROM executions WHERE conversation_id = $1 ORDER BY created_at DESC LIMIT 1"


@dataclass
class Hasty:
    """One of them, in the inbox of a flow that asks `AND_THEN` until it is told to stop."""

    house: House
    inbox: str
    """The identifier of the inbox, for its people."""
    ears: Ears
    diary: Diary
    dice: Random
    base: str = ""
    conversation: int = 0

    async def come(self) -> None:
        """Open a conversation, write in bursts, then ask to stop until it does."""
        while not await self._opened():  # noqa: ASYNC110  the house may be broken
            await asyncio.sleep(PAUSE)
        self.ears.awaited.add(str(self.conversation))
        for _ in range(BURSTS):
            await self._burst()
            await asyncio.sleep(PAUSE)
        while str(self.conversation) in self.ears.awaited:
            await self._say(flows.STOP)
            await asyncio.sleep(3 * PAUSE)

    async def _opened(self) -> bool:
        try:
            people = f"/public/api/v1/inboxes/{self.inbox}/contacts"
            contact = (await self.house.chatwoot.request("POST", people, json={"name": "Juma"})).json()
            self.base = f"{people}/{contact['source_id']}/conversations"
            opened = await self.house.chatwoot.request("POST", self.base, json={})
            self.conversation = opened.json()["id"]
        except ProviderError:
            return False
        await self._say("Hello")
        return True

    async def _burst(self) -> None:
        """So many at once; one of them is told of in copies, and the run is to go on as another meanwhile."""
        said = [self._say(self.diary.said(word(self.dice))) for _ in range(MESSAGES)]
        await asyncio.gather(*said, self._unmark(), self._copied(), self._checkpoint(), self._checkpoint())

    async def _say(self, text: str) -> dict[str, Any] | None:
        try:
            path = f"{self.base}/{self.conversation}/messages"
            reply = await self.house.chatwoot.request("POST", path, json={"content": text})
        except ProviderError:
            return None
        told: dict[str, Any] = reply.json()
        return told

    async def _copied(self) -> None:
        text = self.diary.said(word(self.dice))
        told = await self._say(text)
        if told is not None:
            body = self._webhook(int(told["id"]), text)
            await asyncio.gather(*(self._tell(body) for _ in range(COPIES)))

    async def _tell(self, body: bytes) -> None:
        stamp = str(int(time.time()))
        secret = SecretStr(self.house.environment("api")["CHATWOOT_WEBHOOK_SECRET"])
        signature = sign(secret, timestamp=stamp, body=body)
        headers = {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": signature}
        await self._post("/webhooks/chatwoot/main", content=body, headers=headers)

    async def _unmark(self) -> None:
        """Let what is on its way be sent once more, as soon as something is."""
        for _ in range(TRIES):
            await asyncio.sleep(LOOK / 10)
            if await self._asked(UNMARKED):
                return

    async def _asked(self, sql: str) -> Any:
        try:
            async with asyncio.timeout(PAUSE):
                return await self.house.db.fetchval(sql, str(self.conversation))
        except Exception:
            return None  # the database is being broken

    async def _checkpoint(self) -> None:
        """Let the run go on as another, in the midst of what comes."""
        await asyncio.sleep(self.dice.uniform(0, LOOK))
        execution = await self._asked(HEARD)
        if execution is not None:
            await self._post(f"/api/v1/executions/{execution}/checkpoint")

    async def _post(self, path: str, **more: Any) -> None:
        try:
            await self.house.api.request("POST", path, **more)
        except ProviderError:
            return  # the house is being broken, or it has ended meanwhile

    def _webhook(self, message: int, text: str) -> bytes:
        """As Chatwoot tells of it."""
        return json.dumps(
            {
                "event": "message_created", "id": message, "content": text, "message_type": "incoming",
                "private": False, "sender": {"id": 1, "name": "Juma", "type": "contact"},
                "account": {"id": 1}, "inbox": {"id": 1},
                "conversation": {"id": self.conversation, "status": "pending", "inbox_id": 1},
            }
        ).encode()  # fmt: skip
