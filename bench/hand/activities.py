"""The effects as ordinary activities."""

from temporalio import activity

from bench.hand.calls import Calls, Lead, Say


class Effects(Calls):
    """Each call is an activity."""

    @activity.defn
    async def say(self, said: Say) -> int:
        return await super().say(said)

    @activity.defn
    async def tell_crm(self, lead: Lead) -> None:
        await super().tell_crm(lead)

    @activity.defn
    async def remember(self, contact: int, name: str) -> None:
        await super().remember(contact, name)
