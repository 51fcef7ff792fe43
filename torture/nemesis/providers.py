"""What providers do wrong, all the time: seeded faults in their emulators, and which of them landed."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from providers.errors import ProviderError
from providers.http.pooled import Pooled
from torture.checker.folder import FAULTS
from torture.journal import note, now

SENDING = {"method": "POST", "path": "^/api/v1/.*/messages$"}
TELLING = {"channel": "agent_bot", "event": "message_created"}
TEXTING = {"method": "POST", "path": "/messaging$"}
CHARGING = {"method": "POST", "path": "/checkout/request$"}
TEXTED = {"channel": "sms"}
PAID = {"channel": "payment"}
SLOW = 2.1
"""Longer than a local try waits for its call."""
Spoil = tuple[dict[str, str], str, float | None]
CHATWOOT: tuple[Spoil, ...] = (
    (SENDING, "error", 500),
    (SENDING, "error_after", 500),
    (SENDING, "delay", SLOW),
    (SENDING, "drop_before", None),
    (SENDING, "drop_after", None),
    (SENDING, "throttle", None),
    (TELLING, "duplicate", 3),
    (TELLING, "redeliver", 2),
    (TELLING, "reorder", 2),
    (TELLING, "drop", None),
)
PHONES: tuple[Spoil, ...] = (
    (TEXTING, "error_after", 500),
    (TEXTING, "drop_after", None),
    (TEXTING, "throttle", None),
    (CHARGING, "drop_after", None),
    (TEXTED, "duplicate", 2),
    (TEXTED, "delay", 1),
    (PAID, "duplicate", 2),
    (PAID, "drop", None),
)
MOST_SPARED = 3
"""Matches between one fault and the next."""


class Moods:
    """The moods of a provider: every `pause` seconds, about, the next of its faults is put in force."""

    def __init__(self, emulator: Pooled, spoils: tuple[Spoil, ...], pause: float, dice: Random) -> None:
        self._emulator = emulator
        self._spoils = spoils
        self._pause = pause
        self._dice = dice

    async def swing(self) -> None:
        """For ever; each fault once in every round."""
        while True:
            for match, action, param in self._dice.sample(self._spoils, len(self._spoils)):
                await self._spoil(match, action, param)
                await asyncio.sleep(self._dice.expovariate(1 / self._pause))

    async def _spoil(self, match: dict[str, str], action: str, param: float | None) -> None:
        fault: dict[str, Any] = {
            "match": match, "action": action, "skip": self._dice.randint(0, MOST_SPARED),
            **({} if param is None else {"param": param}),
        }  # fmt: skip
        try:
            await self._emulator.request("POST", "/_control/faults", json=fault)
        except ProviderError:
            return  # too busy to be spoilt

    async def relent(self, folder: Path) -> Counter[str]:
        """The provider is well again; how often each of its faults landed is noted and returned."""
        landed = Counter[str]()
        asked = Counter[str]()
        for fault in (await self._emulator.request("GET", "/_control/faults")).json():
            what = f"{fault['action']} {fault['match'].get('path') or fault['match'].get('channel')}"
            landed[what] += fault["landed"]
            asked[what] += 1
        await self._emulator.request("DELETE", "/_control/faults")
        for what, times in landed.items():
            if times == 0:
                continue  # nothing came by that it could have spoilt
            proof, at = f"landed {times} times, asked for {asked[what]} times", now()
            note(folder / FAULTS, what=what, kind=f"provider {what}", begun=at, ended=at, proof=proof)
        return landed
