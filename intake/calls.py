"""Calls: a callback follows one of our answers, which the token in the address that it came to tells."""

from typing import NamedTuple

from dsl.addresses import lane_address
from dsl.inputs import Inbound
from dsl.model import Json
from dsl.turns import Screen, Turn
from intake.desk import LOST, Desk
from providers.africastalking.events import VoiceEvent
from providers.africastalking.phone import e164
from store import line_sessions
from store.line_sessions import Who


class Heard(NamedTuple):
    """What a caller hears, and the token of the address to which the answer comes; None: no answer is due."""

    screen: Screen
    token: str | None = None


class _Party(NamedTuple):
    """Who is called or calls, and our number; a caller without a number is known by the call alone."""

    person: str
    phone: str | None
    service: str


async def called(desk: Desk, event: VoiceEvent, step: str | None, until: float) -> Heard:
    """What an active call is told by `until` (the loop's clock); to the same callback again, the same.

    `step`: the token of the address. Raises `Mismatch`; what follows none of our answers leads nowhere.
    """
    party = _party(event)
    who = _who(desk, event, party)
    session = await desk.session(who)
    follows = _token(desk, session.event_id) if session.event_id else None
    if step is None and follows is not None and event.dialled and _dials(session.screen):
        step = follows  # a Dial's end comes to the address of the call's beginning
    key = f"voice:{event.session}:{step or 'start'}"
    asked = _asked(desk, event, party, key)
    if row := await desk.known(key):
        return Heard(await desk.again(row, asked, until), _token(desk, row.id))
    if step != follows or not session.newest:
        return Heard(LOST)
    id, screen = await desk.take(who, session, [asked], until)
    return Heard(screen, _token(desk, id))


async def ended(desk: Desk, event: VoiceEvent) -> Inbound | None:
    """The end of a call as an event; None where the person has called again since.

    A call that was put through ends with what came of that, which answers the step that dialled.
    """
    party = _party(event)
    who = _who(desk, event, party)
    session = await desk.session(who)
    await line_sessions.end(desk.db, who)
    if not session.newest:
        return None
    over = _inbound(desk, event, party, event.key)
    if event.dialled:
        return over.but(event="call_input", text="", value=_dialled(event))
    told = {"status": event.status, "cause": event.cause, "seconds": event.seconds, **_recorded(event)}
    return over.but(event="call_ended", kind="hung_up", value=told)


def _party(event: VoiceEvent) -> _Party:
    ours, theirs = event.destination, event.caller
    if event.direction == "Outbound":
        ours, theirs = theirs, ours
    phone = e164(theirs)
    # A hidden number is everybody's: nobody goes on where another such caller was.
    named = phone or (theirs if "@" in theirs else f"call:{event.session}")
    return _Party(named, phone, ours)


def _who(desk: Desk, event: VoiceEvent, party: _Party) -> Who:
    return desk.who("voice", event.session, party.person, party.service)


def _token(desk: Desk, row_id: str) -> str:
    return desk.hashed(f"step:{row_id}")


def _asked(desk: Desk, event: VoiceEvent, party: _Party, key: str) -> Inbound:
    """A call's first callback opens it; the others bring keys, a recording, or what came of a Dial."""
    plain = _inbound(desk, event, party, key).but(turn=Turn(surface="voice", session=event.session))
    if key.endswith(":start"):
        named = "call_answered" if event.direction == "Outbound" else "call_received"
        return plain.but(event=named, kind="opened")
    value = {**(_dialled(event) if event.dialled else {}), **_recorded(event)}
    return plain.but(text=event.digits or "", value=value or None)


def _dialled(event: VoiceEvent) -> dict[str, Json]:
    return {"dialled": event.dialled, "seconds": event.dialled_seconds or 0, **_recorded(event)}


def _recorded(event: VoiceEvent) -> dict[str, Json]:
    return {"recording": event.recording} if event.recording else {}


def _dials(screen: Screen | None) -> bool:
    last = screen.said[-1].action if screen is not None and screen.said else None
    return last is not None and last.get("action") == "dial"


def _inbound(desk: Desk, event: VoiceEvent, party: _Party, key: str) -> Inbound:
    return Inbound(
        key=key,
        address=lane_address(desk.hashed, party.service, party.person),
        event="call_input",
        channel="voice",
        kind="message",
        contact={"phone": party.phone} if party.phone else {},
        conversation={"channel": "voice", "service": party.service, "session": event.session},
    )
