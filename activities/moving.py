"""Go on elsewhere: the activity `continue_on`, drawn by nobody."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from activities.base import Action, Recovery, Tools
from activities.telecom import PROVIDER
from dsl.addresses import lane_address
from dsl.channels import CHATWOOT
from dsl.filters import text_of
from dsl.messages import CONTINUE_ON, Outcome
from dsl.state import Spot
from providers.africastalking.phone import e164
from providers.errors import Failed, Refused

SETTLING = 1.0
"""Seconds after which an address whose rows are under way is looked at again."""

Written = Annotated[str, BeforeValidator(text_of)]


class ContinueOn(Action):
    """Lead another address of the person to the run's lane; from here on the conversation is there.

    Where the run is on that channel already it stays where it is, unless the address is another one.
    """

    recovery: ClassVar[Recovery] = "repeat"

    channel: Literal["sms", "chatwoot"]
    address: Written | None = None

    @classmethod
    def kind(cls) -> str:
        """The name in histories."""
        return CONTINUE_ON

    async def execute(self, tools: Tools) -> Outcome:
        """Find the place and lead it here; its value is the place."""
        spot = self._text(tools) if self.channel == "sms" else self._chat(tools)
        await led_here(tools, spot.connection or "", spot.conversation or "")
        return Outcome(value=spot.model_dump(mode="json"))

    def mock(self) -> Outcome:
        """The channel alone."""
        return Outcome(value=Spot(channel=self.channel).model_dump(mode="json"))

    def _text(self, tools: Tools) -> Spot:
        """Texts between a number of ours and the person's phone."""
        scene, phones = tools.scene, tools.phones()
        service = (scene.service if scene.channel == "sms" else None) or phones.sender
        phone = e164(self.address) if self.address else scene.phone
        if service is None or phones.hashed is None:
            raise _nowhere("NO_CONNECTION", "There is no number to send texts from.")
        if phone is None:
            raise _nowhere("NO_ADDRESS", "There is no phone number to go on with.")
        return Spot(
            channel="sms",
            connection=phones.connection,
            conversation=lane_address(phones.hashed, service, phone),
            phone=phone,
            service=service,
        )

    def _chat(self, tools: Tools) -> Spot:
        """A conversation of the environment's own Chatwoot, or of the one that the run is on."""
        scene = tools.scene
        here = scene.channel == CHATWOOT
        connection = scene.connection if here else next(iter(tools.chatwoots), None)
        conversation = self.address or (scene.conversation if here else None)
        if connection not in tools.chatwoots:
            raise _nowhere("NO_CONNECTION", "There is no Chatwoot to go on in.")
        if conversation is None or not conversation.isdecimal():
            raise _nowhere("NO_ADDRESS", "There is no conversation to go on in.")
        same = here and conversation == scene.conversation
        return Spot(
            channel=CHATWOOT,
            connection=connection,
            conversation=conversation,
            surface=scene.surface if same else None,
            phone=scene.phone,
        )


async def led_here(tools: Tools, connection: str, address: str) -> None:
    """What comes by an address is this run's from now on; `ADDRESS_BUSY` where it is another's."""
    addresses, scene = tools.phones().addresses, tools.scene
    if addresses is None:
        raise _nowhere("NO_CONNECTION", "Nothing leads other addresses here.")
    pointed = await addresses.point(
        scene.workspace, connection, address, lane=scene.lane, execution_id=scene.execution_id
    )
    if pointed == "busy":
        raise _nowhere("ADDRESS_BUSY", "The person has another conversation there.")
    if pointed == "unsettled":
        text = "Something that the person sent there is under way."
        raise Refused("ADDRESS_BUSY", text, provider=PROVIDER, retry_after=SETTLING)


def _nowhere(code: str, text: str) -> Failed:
    return Failed(code, text, provider=PROVIDER)
