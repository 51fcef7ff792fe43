"""The nemesis: seeded kills and faults of a provider, each noted with the proof that it landed."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from providers.http.pooled import Pooled
from tests.faults.checker.folder import FAULTS
from tests.faults.torture.journal import note, now
from tests.system.local import Dev

PARTS = ("worker", "api", "temporal", "postgres")
SENDING = {"method": "POST", "path": "^/api/v1/.*/messages$"}
TELLING = {"channel": "agent_bot", "event": "message_created"}
SLOW = 2.1
"""Longer than a local try waits for its call."""
SPOILS: tuple[tuple[dict[str, str], str, float | None], ...] = (
    (SENDING, "error", 500),
    (SENDING, "error_after", 500),
    (SENDING, "delay", SLOW),
    (SENDING, "drop_before", None),
    (SENDING, "drop_after", None),
    (SENDING, "throttle", None),
    (TELLING, "duplicate", 2),
    (TELLING, "redeliver", 1),
    (TELLING, "reorder", 2),
    (TELLING, "drop", None),
)
MOST_SPARED = 4
"""Matches between one fault and the next: with few messages all of them have to land."""


@dataclass
class Nemesis:
    """What breaks a running `dev`; `folder` is the run's."""

    dev: Dev
    chatwoot: Pooled
    folder: Path
    dice: Random

    async def kills(self, *parts: str) -> None:
        """Kill each part in turn, with a breath between."""
        for part in parts:
            await asyncio.sleep(self.dice.uniform(0.2, 1.2))
            await self.kill(part)

    async def kill(self, part: str) -> None:
        """Kill -9; back when the part runs anew."""
        begun, dead = now(), self.dev.kill(part)
        await self.dev.again(part, dead)
        proof = f"{dead} became {self.dev.record().parts[part].pid}"
        note(self.folder / FAULTS, what=f"kill {part}", begun=begun, ended=now(), proof=proof)

    async def spoil(self) -> None:
        """Have the provider spoil some calls and webhooks."""
        for match, action, param in self.dice.sample(SPOILS, len(SPOILS)):
            spared = self.dice.randint(0, MOST_SPARED)
            fault = {"match": match, "action": action, "skip": spared}
            more: dict[str, Any] = {} if param is None else {"param": param}
            await self.chatwoot.request("POST", "/_control/faults", json={**fault, **more})

    async def relent(self) -> None:
        """The provider is well again; which of its faults landed is noted."""
        for fault in (await self.chatwoot.request("GET", "/_control/faults")).json():
            what, at = f"{fault['action']} {next(iter(fault['match'].values()))}", now()
            proof = f"landed {fault['landed']} times" if fault["landed"] else None
            note(self.folder / FAULTS, what=what, begun=at, ended=at, proof=proof)
        await self.chatwoot.request("DELETE", "/_control/faults")
