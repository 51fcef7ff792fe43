"""A phone before the stand-in of Africa's Talking: what its owner does, and what comes to it."""

from typing import Any

from dsl.model import Json
from providers.errors import ProviderError
from providers.http.pooled import Pooled
from simulator.talks import TalkError

TURN = 15.0
"""Seconds that a phone waits for its answer, and then some."""
SENT = (100, 101, 102)
"""Status codes of texts that were taken for the phone."""
WAITS = {"Record": "record", "Dial": "dial", "Enqueue": "enqueue"}
"""What a call does while it says nothing, by tag."""


class Handset:
    """One phone; what cannot be done with it is a TalkError that says why."""

    def __init__(self, network: Pooled, number: str) -> None:
        self._network = network
        self.number = number

    async def act(self, action: str, **fields: Json) -> dict[str, Any]:
        """Do something with it; what the network says of that."""
        body = {"action": action, **fields}
        try:
            reply = await self._network.request("POST", "/_control/customer", json=body, seconds=TURN)
        except ProviderError as error:
            raise TalkError(f"the phone cannot: {_why(error)}") from None
        told: dict[str, Any] = reply.json()
        return told

    async def meet(self, numbers: str, number: str) -> None:
        """Let one of ours be known to the network: `numbers` is what it calls those of its sort."""
        known = (await self._state())["numbers"][numbers]
        if not any(_reached(one, number) for one in known):
            settings = {numbers: [*known, number]}
            await self._network.request("POST", "/_control/seed", json={"settings": settings})

    async def dial(self, code: str) -> dict[str, Any]:
        """Dial a service code: {sessionId, open, screen, …}."""
        return await self.act("dial", phone=self.number, code=code)

    async def call(self, number: str) -> dict[str, Any]:
        """Call a number of ours: {sessionId, state, heard, waiting, final, …}."""
        return await self.act("call", phone=self.number, to=number)

    async def text(self, to: str, text: str) -> None:
        """Write to a number of ours; it is taken there before another one is written."""
        await self.act("sms", phone=self.number, to=to, text=text)
        await self._network.request("GET", "/_control/idle", params={"seconds": "5"}, seconds=TURN)

    async def texts(self) -> list[str]:
        """The text messages that came, oldest first."""
        rows = await self._rows("sms")
        return [row["text"] for row in rows if row["number"] == self.number and row["code"] in SENT]

    async def prompt(self) -> str:
        """The id of the payment that the phone is asked for; LookupError while it is asked for none."""
        return str((await self._prompt())["id"])

    async def amount(self) -> str:
        """How much that is."""
        return str((await self._prompt())["value"])

    async def _prompt(self) -> dict[str, Any]:
        waits = (row for row in await self._rows("payments") if row["number"] == self.number)
        prompt: dict[str, Any] = _one([row for row in waits if row["status"] == "PendingConfirmation"])
        return prompt

    async def ringing(self) -> str:
        """The call of ours that rings on the phone; LookupError while none does."""
        calls = await self._calls()
        return str(_one([row["id"] for row in calls if row["state"] == "ringing"]))

    async def heard(self, session: str) -> list[str]:
        """What was said in a call, `[play …]` for sounds, and last what it does while it says nothing."""
        said, does = await self.hears(session)
        return [*said, *does]

    async def hears(self, session: str) -> tuple[list[str], list[str]]:
        """The same in its two parts."""
        call = _one([row for row in await self._calls() if row["id"] == session])
        said = [f"[play {one}]" if one.startswith(("http:", "https:")) else one for one in call["heard"]]
        return said, _doing(call)

    async def _calls(self) -> list[dict[str, Any]]:
        return [row for row in await self._rows("calls") if row["phone"]["number"] == self.number]

    async def _rows(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self._state())[table]
        return rows

    async def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self._network.request("GET", "/_control/state")).json()
        return state


def _reached(known: str, dialled: str) -> bool:
    """Whether what is dialled is a number, or a code with something typed behind it."""
    return dialled == known or (known.endswith("#") and dialled.startswith(f"{known[:-1]}*"))


def _doing(call: dict[str, Any]) -> list[str]:
    if call["waiting"] is None:
        return ["[reject]"] if (call["final"] or {}).get("hangupCause") == "CALL_REJECTED" else []
    name, given = WAITS.get(call["waiting"]["tag"]), call["waiting"]["attributes"]
    about = given.get("phoneNumbers", "").replace(",", ", ") or given.get("name", "")
    return [f"[{f'{name} {about}'.strip()}]"] if name else []


def _one(found: list[Any]) -> Any:
    if not found:
        raise LookupError("nothing of the kind")
    return found[-1]


def _why(error: ProviderError) -> str:
    return error.reply.text.strip() if error.reply is not None else str(error)
