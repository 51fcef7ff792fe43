"""The source: people who answer what they are asked, and say it again when nobody answers them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random

from providers.errors import ProviderError
from tests.faults.torture import flows
from wiring.visitor import Visitor

IMPATIENCE = 6.0
"""Seconds until somebody says it again."""
LOOK = 0.25
PRIVATE = 16
"""A word of so many characters is nobody else's."""

Answer = Callable[[Random], str]
"""What a person says to a question; `[title]` is picked."""

ANSWERS: dict[str, Answer] = {
    flows.NAME: lambda dice: f"{dice.choice(['Asha', 'Juma', 'Wanjiru'])} {dice.getrandbits(64):016x}",
    flows.EMAIL: lambda dice: dice.choice(["nonsense", "j@example.com", "Mary.Ann@mail.example.com"]),
    flows.AGAIN: lambda dice: "j@example.com",
    flows.TOPIC: lambda dice: dice.choice(["weather", "[An invoice]", "[An invoice]", "2"]),
    flows.PICK: lambda dice: dice.choice(["[An invoice]", "[A person]"]),
    flows.READY: lambda dice: f"yes {dice.getrandbits(64):016x}",
    flows.WHICH: lambda dice: dice.choice(["INV-", "no "]) + f"{dice.getrandbits(64):016x}",
}


@dataclass
class Person:
    """One person; `words` are theirs alone: no log may hold them."""

    visitor: Visitor
    dice: Random
    words: list[str] = field(default_factory=list)

    async def talk(self) -> None:
        """Open the conversation, then answer for ever; cancelled by whoever knows that it is over."""
        heard, spoken, said = 0, -inf, "Hello"
        while True:
            texts = await self._heard()
            if len(texts) > heard:
                heard, spoken, said = len(texts), -inf, self._answer(texts[-1])
            if said and time.monotonic() - spoken > IMPATIENCE and await self._utter(said):
                spoken = time.monotonic()
            await asyncio.sleep(LOOK)

    def _answer(self, text: str) -> str:
        """What is said to that; nothing to what is no question."""
        said = ANSWERS[text](self.dice) if text in ANSWERS else ""
        self.words += [word for word in said.split() if len(word) >= PRIVATE]
        return said

    async def _heard(self) -> list[str]:
        try:
            return await self.visitor.heard()
        except ProviderError:
            return []

    async def _utter(self, said: str) -> bool:
        """Say or pick it; False where that is not possible just now."""
        try:
            await (self.visitor.click(said.strip("[]")) if said.startswith("[") else self.visitor.say(said))
        except (LookupError, ProviderError):
            return False
        return True
