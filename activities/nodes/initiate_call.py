"""Call somebody: what the flow says next is said to them."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from activities.base import Lost, Recovery, Tools
from activities.moving import led_here
from activities.telecom import PROVIDER, Telecom
from activities.telephone import Telephone, phone_issue, phone_of, refused
from dsl.addresses import lane_address
from dsl.digests import digest_of
from dsl.durations import Duration
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.plan import Step, Wait
from dsl.templates import Text
from providers.errors import Failed, Unknown

RINGING = "ringing"
"""How the executor leaves: the phone rings, and its owner is waited for."""
MAY_RING = Outcome(exit=RINGING, value={"id": None, "status": "Unknown"})
RINGS = 120
"""Seconds that a call is waited for where the flow does not say: it may be queued before it rings."""


class InitiateCall(Telephone):
    """Call a phone, and wait until it is answered.

    By `answered` the flow goes on in the call: what it says is heard, what it asks is answered by keys. By
    `no_answer` nobody took it in time (or they were busy), by `failed` it could not be made. People on
    another line are answered before.

    Nobody is called twice: where the provider's answer is lost, the call's own events tell of it, and where
    none come in time it is `no_answer`.
    """

    aliases: ClassVar[tuple[str, ...]] = ("INITIATE_CALL",)
    exits: ClassVar[tuple[str, ...]] = ("answered", "no_answer", "failed")
    recovery: ClassVar[Recovery] = "list"

    to: Text = Field(min_length=1, max_length=40)
    """The phone number, with its country code."""
    from_: Text | None = Field(default=None, alias="from", min_length=1, max_length=40)
    """The number of ours that they see; the operator's (`AT_PHONE_NUMBER`) where absent."""
    timeout: Annotated[Duration, Field(ge=5, le=3_600)] = RINGS
    """How long the answer is waited for."""

    def check(self, place: Place) -> Iterator[Issue]:
        """Numbers that are none; and nobody may be there."""
        for name, written in (("to", self.to), ("from", self.from_)):
            found = phone_issue(written, f"/{name}")
            yield from (found,) if found else ()
        if not place.connected("no_answer"):
            yield issue("DANGLING_EXIT", "The exit 'no_answer' leads nowhere.")

    def lower(self, place: Place) -> Iterable[Step]:
        """Call, then wait for the answer."""
        waits, ends = place.id("wait"), {exit: f"!{exit}" for exit in self.exits}
        yield self.call(place, id=place.id(), to={RINGING: waits, **ends}).but(ends_turn=True)
        to = {**ends, "timeout": ends["no_answer"]}
        yield Wait(id=waits, node=place.node, expects="call", timeout=self.timeout, to=to)

    async def execute(self, tools: Tools) -> Outcome:
        """Lead the call's events here, then call; `failed` where the provider refuses."""
        phones = tools.phones()
        sender, phone = self._numbers(phones)
        if phones.hashed is None:
            raise Failed("NOT_CONFIGURED", "Nothing leads a call's events here.", provider=PROVIDER)
        await led_here(tools, phones.connection, lane_address(phones.hashed, sender, phone))
        try:
            call = await phones.port.call(phone, sender=sender, request=digest_of(tools.key)[:32])
        except Failed as error:
            return refused(error)
        except Unknown:
            return MAY_RING
        return Outcome(exit=RINGING, value={"id": call.session_id, "status": call.status})

    async def recover(self, _tools: Tools, _lost: Lost) -> Outcome:
        """Of an attempt whose end nobody saw the call's own events tell."""
        return MAY_RING

    def _numbers(self, phones: Telecom) -> tuple[str, str]:
        """Ours and theirs, in E.164."""
        ours = self.from_ or phones.number
        if ours is None:
            raise Failed("NOT_CONFIGURED", "There is no number to call from.", provider=PROVIDER)
        return phone_of(ours), phone_of(self.to)
