"""People with a phone: who text, who dial, who pay."""

import asyncio
from dataclasses import dataclass
from random import Random

from simulator.talks import TalkError
from torture import phone_flows as flows
from torture.source.ears import Ears
from torture.source.people import Diary, word
from wiring.handset import Handset

IMPATIENCE = 8.0
LOOK = 0.25
CHANGE_OF_MIND, AGAIN = 0.12, 0.12
"""How often a caller hangs up in the midst, or has the same screen shown once more."""
THINKING = (0.3, 1.5)
"""Seconds before something is typed."""
REST = (8, 24)
"""Looks at the phone before it is dialled again."""
TOWNS = ("1", "2", "9", "nairobi")


@dataclass
class Phone:
    """Somebody's phone, with what its owner remembers."""

    handset: Handset
    lane: str
    """Where its conversation is, as PostgreSQL has it."""
    ears: Ears
    diary: Diary
    dice: Random

    def begin(self) -> None:
        """From now on somebody waits for the end of this conversation."""
        self.ears.awaited.add(self.lane)

    @property
    def over(self) -> bool:
        """Whether it has come."""
        return self.lane not in self.ears.awaited

    @property
    def texts(self) -> list[str]:
        """What came to it."""
        return self.ears.heard[self.handset.number]

    def answer(self, screen: str) -> str:
        """What its owner says to that."""
        if flows.ASK_TOWN in screen:
            return self.dice.choice(TOWNS)
        if flows.SUM in screen:
            return str(self.dice.randint(1, 1000))
        return self.diary.said(word(self.dice))

    async def act(self, action: str, **fields: str) -> dict[str, object] | None:
        """Do something with it; None where that is not possible just now."""
        try:
            return await self.handset.act(action, **fields)
        except TalkError:
            return None


@dataclass
class Texter:
    """Who joins by a word, and answers what comes."""

    phone: Phone
    number: str
    """Of ours."""

    async def come(self) -> None:
        """Text until it is over."""
        self.phone.begin()
        said, heard, patience = flows.KEYWORD, 0, 0.0
        while not self.phone.over:
            if len(self.phone.texts) > heard:
                heard, patience = len(self.phone.texts), 0.0
                said = self.phone.answer(self.phone.texts[-1])
            if patience <= 0 and await self._text(said) is not None:
                patience = IMPATIENCE
            await asyncio.sleep(LOOK)
            patience -= LOOK

    async def _text(self, said: str) -> dict[str, object] | None:
        number = self.phone.handset.number
        return await self.phone.act("sms", phone=number, to=self.number, text=said)


@dataclass
class Caller:
    """Who dials a code, types what is asked for, and dials again where the line breaks; who is asked pays."""

    phone: Phone
    code: str

    async def come(self) -> None:
        """Dial until it is over."""
        self.phone.begin()
        while not self.phone.over:
            await self._dial()
            for _ in range(self.phone.dice.randint(*REST)):
                if self.phone.over:
                    return
                await self._settle()
                await asyncio.sleep(LOOK)

    async def _dial(self) -> None:
        told = await self.phone.act("dial", phone=self.phone.handset.number, code=self.code)
        while told is not None and told["open"]:
            session, screen = str(told["sessionId"]), str(told["screen"])
            await asyncio.sleep(self.phone.dice.uniform(*THINKING))
            whim = self.phone.dice.random()
            if whim < CHANGE_OF_MIND:
                await self.phone.act("cancel", session=session)
                return
            if whim < CHANGE_OF_MIND + AGAIN:
                await self.phone.act("resend", session=session)
            told = await self.phone.act("enter", session=session, text=self.phone.answer(screen))

    async def _settle(self) -> None:
        """Pay, or do not, what the phone is asked for."""
        prompts = self.phone.ears.prompts[self.phone.handset.number]
        for id in list(prompts):
            [act] = self.phone.dice.choices(["pay", "refuse", "leave"], [7, 2, 1])
            if act != "leave":
                await self.phone.act(act, id=id)
            prompts.remove(id)
