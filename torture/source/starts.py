"""Programs that start executions by API, under a key, as often as it takes and then some."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from providers.errors import ProviderError
from providers.http.pooled import Pooled
from torture.journal import note, now
from torture.source.ears import Ears
from torture.source.people import word

PAUSE = 1.0
MOST_COPIES = 3
OTHERWISE = 0.3
"""How often a key comes with another request too."""
CHECKPOINTS = 0.3
ITEMS = 6


@dataclass
class Program:
    """Starts one execution of a flow, and waits for its end."""

    api: Pooled
    flow: str
    journal: Path
    ears: Ears
    dice: Random

    async def come(self) -> None:
        """Ask until there is an answer, ask again under the same key, and see it through."""
        key = str(UUID(int=self.dice.getrandbits(128), version=4))
        body = {"trigger": {"items": [word(self.dice) for _ in range(self.dice.randint(1, ITEMS))]}}
        while (execution := await self._start(key, body)) is None:  # noqa: ASYNC110  others make it so
            await asyncio.sleep(PAUSE)
        self.ears.awaited.add(execution)
        await asyncio.gather(*(self._start(key, body) for _ in range(self.dice.randint(0, MOST_COPIES))))
        if self.dice.random() < OTHERWISE:
            await self._start(key, {"trigger": {"items": []}})
        while execution in self.ears.awaited:
            await asyncio.sleep(PAUSE)
            if self.dice.random() < CHECKPOINTS:
                await self._ask(f"/api/v1/executions/{execution}/checkpoint")

    async def _start(self, key: str, body: dict[str, Any]) -> str | None:
        path, headers = f"/api/v1/flows/{self.flow}/execute", {"Idempotency-Key": key}
        try:
            reply = await self.api.request("POST", path, headers=headers, json=body)
        except ProviderError as error:
            if error.reply is not None:
                self._note(key, error.reply.status, body, None)
            return None
        execution = str(reply.json()["executionId"])
        self._note(key, reply.status, body, execution)
        return execution

    def _note(self, key: str, status: int, body: dict[str, Any], execution: str | None) -> None:
        told = {"key": key, "status": status, "execution": execution, "flow": self.flow, "body": body}
        note(self.journal, at=now(), **told)

    async def _ask(self, path: str) -> None:
        try:
            await self.api.request("POST", path)
        except ProviderError:
            return  # it has ended meanwhile, or the house is being broken
