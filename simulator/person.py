"""Who talks in a simulation, on which channel, and the inputs that what they do becomes."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from dsl.channels import Channel
from dsl.inputs import Inbound
from dsl.messages import Scene
from dsl.model import Json
from dsl.turns import Surface, Turn
from simulator.wording import Display

CHANNEL: TypeAdapter[Channel] = TypeAdapter(Channel)
NIL = "00000000-0000-7000-8000-000000000000"
JOHN: dict[str, Json] = {"id": 1, "name": "John"}
PHONE = "+254700000001"
SERVICES: dict[str, str] = {"sms": "28901", "ussd": "*384*1#", "voice": "+254711000000"}
"""Our number on each channel, where the flow's trigger names none."""
EVENTS: dict[str, str] = {"sms": "sms_received", "ussd": "ussd_session", "voice": "call_received"}
"""What starts a run there."""
STATUSES: dict[str, str] = {"resolved": "resolved", "returned": "pending"}

INPUTS: dict[Surface, str] = {"ussd": "ussd_input", "voice": "call_input"}
ENDS: dict[Surface, str] = {"ussd": "ussd_ended", "voice": "call_ended"}


class OffLine(Exception):
    """Nobody is on the line, so nothing can be typed or pressed."""


@dataclass
class Person:
    """One person; `session` while they are on the line with us."""

    channel: Channel
    service: str | None = None
    given: dict[str, Json] | None = None
    """What is known of them, where that is given."""
    session: Turn | None = None
    sessions: int = 0
    shown: Display | None = None
    """What they saw or heard last on the line."""

    def __post_init__(self) -> None:
        self.service = self.service or SERVICES.get(self.channel)
        self._home = self.channel, self.service
        usual = JOHN if self.channel == "chatwoot" else {"phone": PHONE}
        self.contact: dict[str, Json] = usual if self.given is None else self.given

    @property
    def surface(self) -> Surface | None:
        """What they wait at for an answer on the line; None where they write messages."""
        return self.channel if self.channel in ("ussd", "voice") else None

    @property
    def chats(self) -> bool:
        """Whether what they do is written or clicked in a chat."""
        return self.channel == "chatwoot" and self.session is None

    @property
    def phone(self) -> str | None:
        """Their number, where they have one."""
        phone = self.contact.get("phone")
        return str(phone) if phone else None

    def goes_on(self, channel: str) -> None:
        """The conversation has moved."""
        if channel != self.channel:
            self.channel = CHANNEL.validate_python(channel)
            self.service = SERVICES.get(channel)

    def conversation(self) -> dict[str, Json]:
        """What is known of the conversation."""
        if self.channel == "chatwoot":
            return {"id": 1}
        session = {"session": self.session.session} if self.session else {}
        return {"channel": self.channel, "service": self.service, **session}

    def starts(self) -> dict[str, Json]:
        """The beginning of `{{trigger.…}}`."""
        event = {"event": EVENTS[self.channel]} if self.channel in EVENTS else {}
        return {"channel": self.channel, **event}

    def scene(self, flow: str) -> Scene:
        """Where a run that they start takes place."""
        chat = self.channel == "chatwoot"
        return Scene(
            workspace="simulation",
            execution_id=NIL,
            flow_id=flow,
            flow_version=0,
            lane=NIL,
            connection="main",
            conversation="1" if chat else f"{self.service}/1",
            contact_id=1 if chat else None,
            channel=self.channel,
            phone=None if chat else self.phone,
            service=self.service,
            mode="test",
        )

    def dials(self, dialled: str | None = None) -> list[Inbound]:
        """A new session or call; what stands in a code behind the service's own is typed at once."""
        self.channel, self.service = self._home
        surface = self.surface
        if surface is None:
            raise OffLine(f"nothing can be dialled on {self.channel}")
        self._comes_on(surface)
        opened = self._event("opened", EVENTS[surface], turn=self.session)
        return [opened, *(self.types(text) for text in self._behind(dialled or ""))]

    def _behind(self, dialled: str) -> list[str]:
        own = (self.service or "").removesuffix("#")
        if self.channel != "ussd" or not dialled.startswith(f"{own}*"):
            return []
        return dialled.removeprefix(f"{own}*").removesuffix("#").split("*")

    def types(self, text: str, *, value: Json = None) -> Inbound:
        """What is typed or pressed on the line, or written in a text message."""
        if self.session is not None:
            event = INPUTS[self.session.surface]
            return self._event("message", event, text=text, turn=self.session, value=value)
        if self.surface is not None:
            raise OffLine("nobody is on the line: dial first")
        return self._event("message", "sms_received", text=text)

    def writes(self, text: str, message_id: int) -> Inbound:
        """What is written in a chat."""
        return self._event("message", "simulated_message", text=text, message_id=message_id)

    def picks(self, title: str, value: Json) -> Inbound:
        """A choice that is clicked in a chat."""
        return self._event("submitted", "simulated_submitted", text=title, value=value)

    def hangs_up(self) -> Inbound:
        """The session or call is over, by them."""
        name = ENDS[self.session.surface] if self.session else "call_ended"
        event = self._event("hung_up", name, value={"status": "hung_up", "cause": None, "seconds": 0})
        self.session = None
        return event

    def takes_no_call(self, exit: str) -> Inbound:
        """A call of ours is over before it began: `no_answer`, `failed`."""
        return self._event("hung_up", "call_ended", value={"exit": exit, "cause": None, "seconds": 0})

    def answers_call(self) -> Inbound:
        """They pick up a call of ours."""
        self._comes_on("voice")
        return self._event("opened", "call_answered", turn=self.session)

    def _comes_on(self, surface: Surface) -> None:
        self.sessions += 1
        self.session = Turn(surface=surface, session=f"session-{self.sessions}")

    def told(self, value: dict[str, Json]) -> Inbound:
        """The world tells what became of an effect."""
        return self._event("report", "effect_report", value=value)

    def desk(self, how: Literal["resolved", "returned"]) -> Inbound:
        """People at the desk are done with the conversation, or give it back."""
        return self._event("status", "simulated_status", value={"status": STATUSES[how], "owner": "bot"})

    def _event(
        self,
        kind: Literal["message", "submitted", "opened", "status", "hung_up", "report"],
        event: str,
        **more: Any,
    ) -> Inbound:
        about: dict[str, Any] = {}
        channel = self.session.surface if self.session else self.channel
        if self.channel != "chatwoot":
            about = {"contact": self.contact, "conversation": self.conversation()}
        return Inbound(key="simulated", address="1", event=event, channel=channel, kind=kind, **about, **more)
