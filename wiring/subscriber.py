"""A person with a phone as the `Contact` of a played conversation."""

import re
from dataclasses import dataclass, field
from typing import Any

from dsl.channels import Channel
from simulator.talks import TalkError
from wiring.handset import Handset

PAYS = {"paid": "pay", "failed": "refuse", "expired": "expire"}
"""What people do with the prompt on their phone, by what becomes of the payment."""
TURNS_AWAY = {"no_answer": "no_answer", "busy": "busy", "failed": "rejected"}
BY_ITSELF = ("sent", "delivered")
"""What the network reports without anybody."""


@dataclass
class Subscriber:
    """One person on one channel; on the line after the first word, or as soon as they dial.

    `service`: our number or code; `written`: as the conversation's file calls it.
    """

    handset: Handset
    channel: Channel
    service: str
    written: str
    session: str | None = None
    _heard: list[str] = field(default_factory=list)
    _texts: int = 0
    _said: int = 0
    """Things that were heard in the call."""

    async def say(self, text: str) -> None:
        """Write, type or press; the first time opens the session or call."""
        if self.channel == "sms":
            await self.handset.text(self.service, text)
            return
        if self.session is None and not self._heard:
            await self.dial(self.written)
        if self.session is None:
            raise TalkError("nobody is on the line: dial first")
        action = "enter" if self.channel == "ussd" else "press"
        await self._show(await self.handset.act(action, session=self.session, text=text))

    async def click(self, choice: str) -> None:
        """Type the number of a choice of the newest text that offers it; LookupError while there is none."""
        number = re.compile(rf"^(\d+)\. {re.escape(choice)}$|For {re.escape(choice)}, press (\d+)\.", re.M)
        for said in reversed(await self.heard()):
            if found := number.search(said):
                await self.say(found[1] or found[2])
                return
        raise LookupError(choice)

    async def dial(self, dialled: str) -> None:
        """A new session or call."""
        if self.channel == "sms":
            raise TalkError("nothing can be dialled on sms")
        own, self._said = self._ours(dialled), 0
        call = self.handset.dial if self.channel == "ussd" else self.handset.call
        told = await call(own)
        self.session = told["sessionId"]
        await self._show(told)

    async def hang_up(self) -> None:
        """Leave the line."""
        if self.session is None:
            raise TalkError("nobody is on the line")
        await self.handset.act("cancel" if self.channel == "ussd" else "hang_up", session=self.session)
        self.session = None

    async def report(self, status: str) -> None:
        """What the person, or the world, does to something that the flow waits for; LookupError while there
        is nothing of the kind."""
        if status in BY_ITSELF:
            return
        if status in PAYS and self.session is None:
            await self.handset.act(PAYS[status], id=await self.handset.prompt())
        elif status == "recorded":
            await self._show(await self.handset.act("speak", session=self.session))
        elif self.session is not None:
            result = TURNS_AWAY.get(status, status)
            fields = {"result": result, "seconds": 60 if status == "answered" else 0}
            await self._show(await self.handset.act("bridged", session=self.session, **fields))
        else:
            await self._rung(status)

    async def _rung(self, status: str) -> None:
        session = await self.handset.ringing()
        if status != "answered":
            await self.handset.act("turn_away", session=session, result=TURNS_AWAY.get(status, status))
            return
        self.session, self._said, self.channel = session, 0, "voice"
        await self._show(await self.handset.act("pick_up", session=session))

    async def heard(self) -> list[str]:
        """Screens, what was said in calls, and text messages, in the order in which they came."""
        texts = await self.handset.texts()
        self._heard += texts[self._texts :]
        self._texts = len(texts)
        return list(self._heard)

    async def _show(self, told: dict[str, Any]) -> None:
        """What the phone shows or says now."""
        if "screen" in told:
            self._heard.append(told["screen"])
            self.session = told["sessionId"] if told["open"] else None
            return
        said, does = await self.handset.hears(told["sessionId"])
        fresh, self._said = [*said[self._said :], *does], len(said)
        self._heard += ["\n".join(fresh)] if fresh else []
        self.session = None if told["state"] == "ended" else told["sessionId"]

    def _ours(self, dialled: str) -> str:
        """What the file calls our code, with what is typed behind it, as it is here."""
        own = self.written.removesuffix("#")
        if dialled.startswith(own) and dialled[len(own) : len(own) + 1] in ("", "#", "*"):
            return self.service.removesuffix("#") + dialled.removeprefix(own)
        return dialled
