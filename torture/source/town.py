"""The flows of a run, published, and the doors by which people come to them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from dsl.addresses import lane_address
from providers.errors import ProviderError
from torture import flows, phone_flows
from torture.checker.folder import STARTS
from torture.flows import Flow
from torture.house import House
from torture.source.crowd import Guest, Kind
from torture.source.ears import Ears
from torture.source.hasty import Hasty
from torture.source.people import AtDesk, Diary, Person
from torture.source.phones import Caller, Phone, Texter
from torture.source.starts import Program
from wiring.handset import Handset
from wiring.phones import Phones
from wiring.stand_in import BOT
from wiring.visitor import Visitor

LOUD = {"keep_pending_on_bot_failure": True, "messages_per_minute": 100_000}
"""A webhook that nobody took hands no conversation to people, and people may write as much as they like."""
ENDURANCE = 52
"""Turns after which a run goes on as another by itself, and two more."""


@dataclass
class Town:
    """Who may come, and where to."""

    house: House
    folder: Path
    sink: str
    """Address of what flows call."""
    ears: Ears
    diary: Diary
    enduring: bool
    """Whether there is time for the longest conversations."""

    async def kinds(self) -> Sequence[Kind]:
        """Publish every flow; the sorts of guests there are."""
        await self._furnish()
        talks = [
            (flows.CAPTURE, 15), (flows.MENU, 15), (flows.order(self.sink), 14), (flows.fork(self.sink), 10),
            (flows.HURRY, 8), (flows.DESK, 5), (flows.ON_AND_ON, 3),
        ]  # fmt: skip
        kinds = [await self._talking(flow, weight) for flow, weight in talks]
        bursts = await self._inbox({**flows.ON_AND_ON, "id": "bursts", "name": "bursts"})
        for flow in (phone_flows.TEXTS, phone_flows.DIALLED, phone_flows.PAYING):
            await self.publish(flow)
        rounds = await self.publish(phone_flows.rounds(self.sink))
        return [
            *kinds,
            Kind("bursts", 5, lambda dice: self._hasty(dice, bursts)),
            Kind("texts", 10, self._texter),
            Kind("dialled", 8, lambda dice: self._caller(dice, phone_flows.SERVICE)),
            Kind("paying", 6, lambda dice: self._caller(dice, phone_flows.TILL)),
            Kind("rounds", 8, lambda dice: self._program(dice, rounds)),
        ]

    async def _furnish(self) -> None:
        """Chatwoot as it is here; of a new conversation it tells before anybody has written."""
        built = self.house.built
        assert built.chatwoot
        webhook = built.chatwoot.webhook(built.places.api_url) | {"subscriptions": ["conversation_created"]}
        told = {"settings": LOUD, "webhooks": [webhook]}
        await self.house.chatwoot.request("POST", "/_control/seed", json=told)

    async def publish(self, flow: Flow) -> str:
        """The flow, live; its id."""
        created = await self.house.api.request("POST", "/api/v1/flows", json={"flow": flow})
        id = str(created.json()["id"])
        await self.house.api.request("POST", f"/api/v1/flows/{id}/publish", json={})
        return id

    async def _talking(self, flow: Flow, weight: int) -> Kind:
        inbox = await self._inbox(flow)
        desk = self._resolve if flow is flows.DESK else None
        return Kind(flow["name"], weight, lambda dice: self._person(dice, inbox, desk))

    async def _inbox(self, flow: Flow) -> str:
        """An inbox of the flow's own, as its people know it."""
        inbox = {"name": flow["name"], "agent_bot_id": BOT}
        seeded = await self.house.chatwoot.request("POST", "/_control/seed", json={"inboxes": [inbox]})
        made: dict[str, Any] = seeded.json()["inboxes"][-1]
        await self.publish({**flow, "trigger": {**flow["trigger"], "inboxId": made["id"]}})
        return str(made["identifier"])

    def _person(self, dice: Random, inbox: str, desk: AtDesk | None) -> Guest:
        visitor = Visitor(self.house.chatwoot, inbox)
        endurance = ENDURANCE if self.enduring else ENDURANCE // 8
        return Person(visitor, self.ears, self.diary, dice, endurance, desk)

    def _hasty(self, dice: Random, inbox: str) -> Guest:
        return Hasty(self.house, inbox, self.ears, self.diary, dice)

    async def _resolve(self, conversation: int) -> None:
        """Looked at again and closed: who had closed it already tells of it once more."""
        for action in ("reopen", "resolve"):
            act = {"action": action, "conversation": conversation}
            with suppress(ProviderError):  # nobody was at the desk
                await self.house.chatwoot.request("POST", "/_control/customer", json=act)

    def _texter(self, dice: Random) -> Guest:
        number = self._network.short_code
        return Texter(self._phone(dice, number), number)

    def _caller(self, dice: Random, code: str) -> Guest:
        return Caller(self._phone(dice, code), code)

    def _phone(self, dice: Random, service: str) -> Phone:
        number = f"+2547{dice.randrange(10**8):08}"
        self.diary.words.append(number[1:])
        lane = lane_address(self.house.keys.hashed, service, number)
        return Phone(Handset(self.house.phones, number), lane, self.ears, self.diary, dice)

    @property
    def _network(self) -> Phones:
        assert self.house.built.africastalking
        return self.house.built.africastalking

    def _program(self, dice: Random, flow: str) -> Guest:
        return Program(self.house.api, flow, self.folder / STARTS, self.ears, dice)
