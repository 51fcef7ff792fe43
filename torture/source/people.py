"""People in Chatwoot, who answer what they are asked, and say it again when nobody answers them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf
from random import Random

from providers.errors import ProviderError
from torture import flows
from torture.source.ears import Ears
from wiring.visitor import Visitor

IMPATIENCE = 6.0
"""Seconds until somebody says it again."""
LOOK = 0.25
PRIVATE = 16
"""A word of so many characters is nobody else's."""
FORGOTTEN = 25.0
"""Seconds after which the desk looks at a conversation that was handed over, told of that or not."""
HASTY = 0.12
"""How often somebody says a thing several times at once."""


AtDesk = Callable[[int], Awaitable[None]]
"""What somebody at the desk does with a conversation."""


@dataclass
class Diary:
    """What all people did: their `words` are theirs alone, and how long they waited for each answer."""

    words: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def said(self, text: str) -> str:
        """Keep what may be in no log."""
        self.words += [word for word in text.split() if len(word) >= PRIVATE]
        return text


def word(dice: Random) -> str:
    """A word that nobody else says."""
    return f"{dice.getrandbits(64):016x}"


@dataclass
class Person:
    """One person; `endurance` is how often they go on where they are asked whether they want to."""

    visitor: Visitor
    ears: Ears
    diary: Diary
    dice: Random
    endurance: int
    at_desk: AtDesk | None = None
    """Somebody at the desk closes a conversation; of those that are handed over."""

    _said: str = "Hello"
    _spoken: float = -inf
    _first: float = inf
    _begun: bool = False
    _heard: float = inf

    async def come(self) -> None:
        """Open the conversation, then answer until it is over."""
        heard = 0
        while not self._over():
            texts = self.ears.heard[str(self.visitor.conversation)]
            if len(texts) > heard:
                heard = len(texts)
                await self._hear(texts[-1])
            if self._said and time.monotonic() - self._spoken > IMPATIENCE:
                await self._insist()
            if time.monotonic() - self._heard > FORGOTTEN:
                await self._closed()
            await asyncio.sleep(LOOK)

    def _over(self) -> bool:
        return self._begun and str(self.visitor.conversation) not in self.ears.awaited

    async def _hear(self, text: str) -> None:
        if self._said and self._first < inf:
            self.diary.waits.append(time.monotonic() - self._first)
        self._said, self._spoken, self._first = self._answer(text), -inf, inf
        self._heard = time.monotonic()
        if text == flows.HANDED:
            await self._closed()

    async def _closed(self) -> None:
        """The desk closes the conversation, once more where that was not heard of."""
        self._heard = time.monotonic()
        if self.at_desk and self.visitor.conversation:
            await self.at_desk(self.visitor.conversation)

    def _answer(self, text: str) -> str:
        """What is said to that; nothing to what is no question."""
        if text == flows.AND_THEN:
            self.endurance -= 1
            return flows.STOP if self.endurance < 0 else self.diary.said(word(self.dice))
        return self.diary.said(ANSWERS[text](self.dice)) if text in ANSWERS else ""

    async def _insist(self) -> None:
        times = self.dice.randint(2, 4) if self.visitor.conversation and self.dice.random() < HASTY else 1
        if any(await asyncio.gather(*(self._utter(self._said) for _ in range(times)))):
            self._spoken = time.monotonic()
            self._first = min(self._first, self._spoken)
            self._begin()

    def _begin(self) -> None:
        if not self._begun:
            self.ears.awaited.add(str(self.visitor.conversation))
        self._begun = True

    async def _utter(self, said: str) -> bool:
        """Say or pick it; False where that is not possible just now."""
        try:
            await (self.visitor.click(said.strip("[]")) if said.startswith("[") else self.visitor.say(said))
        except (LookupError, ProviderError):
            return False
        return True


Answer = Callable[[Random], str]
"""What a person says to a question; `[title]` is picked."""
ANSWERS: dict[str, Answer] = {
    flows.NAME: lambda dice: f"{dice.choice(['Asha', 'Juma', 'Wanjiru'])} {word(dice)}",
    flows.EMAIL: lambda dice: dice.choice(["nonsense", "j@example.com", "Mary.Ann@mail.example.com"]),
    flows.AGAIN: lambda _: "j@example.com",
    flows.TOPIC: lambda dice: dice.choice(["weather", "[An invoice]", "[An invoice]", "2"]),
    flows.PICK: lambda dice: dice.choice(["[An invoice]", "[A person]"]),
    flows.READY: lambda dice: f"yes {word(dice)}",
    flows.WHICH: lambda dice: dice.choice(["INV-", "no "]) + word(dice),
    flows.QUICK: lambda dice: f"soon {word(dice)}" if dice.random() < 0.6 else "",
    flows.QUICKER: lambda dice: f"later {word(dice)}" if dice.random() < 0.4 else "",
}
