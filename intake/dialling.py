"""USSD: what a caller typed becomes rows of their lane, and what they see is a page of a screen."""

from typing import NamedTuple

from dsl.addresses import lane_address
from dsl.inputs import Inbound
from dsl.turns import Screen, Turn
from intake.desk import LOST, Desk
from providers.africastalking import rendering, screens
from providers.africastalking.events import UssdEnd, UssdTurn
from providers.africastalking.transcript import SEPARATOR, advance, segments, step_key
from store import line_sessions
from store.line_sessions import Session, Who

MOST_INPUTS = 30
"""Of a deep dial."""


class TooMany(Exception):
    """More was dialled at once than anybody types."""


class Seen(NamedTuple):
    """What a caller sees."""

    screen: Screen
    page: int = 0


async def dialled(desk: Desk, event: UssdTurn, until: float) -> Seen:
    """What a step is answered with by `until` (the loop's clock); the same step again, the same.

    Raises `Mismatch` and `TooMany`; what is late or fits nowhere leads nowhere.
    """
    who = desk.who("ussd", event.session, event.phone, event.service, event.network)
    session = await desk.session(who)
    step = advance(session.typed, event.text)
    if len(step.inputs) > MOST_INPUTS:
        raise TooMany
    if step.kind in ("first", "step") and session.newest:
        return await _onwards(desk, who, session, event, step.inputs, until)
    if step.kind == "repeated" and session.screen is not None:
        return Seen(session.screen, session.page)
    return await _again(desk, session, event, until)


async def hung_up(desk: Desk, event: UssdEnd) -> Inbound | None:
    """The end of a session as an event; None where the person has dialled again since."""
    who = desk.who("ussd", event.session, event.phone, event.service, event.network)
    session = await desk.session(who)
    await line_sessions.end(desk.db, who)
    if not session.newest:
        return None
    seconds = event.millis / 1000 if event.millis is not None else None
    told = {"status": event.status, "cause": event.error, "seconds": seconds}
    return _inbound(desk, event, event.key, "ussd_ended").but(kind="hung_up", value=told, turn=None)


async def _onwards(
    desk: Desk, who: Who, session: Session, event: UssdTurn, inputs: tuple[str, ...], until: float
) -> Seen:
    if session.event_id is not None and (page := _turned(session, event, inputs)) is not None:
        assert session.screen is not None, "it was read"
        await line_sessions.turn(desk.db, who, session, typed=event.text, page=page)
        return Seen(session.screen, page)
    events = _events(desk, event, inputs, first=session.typed is None)
    _, screen = await desk.take(who, session, events, until, typed=event.text)
    return Seen(screen)


async def _again(desk: Desk, session: Session, event: UssdTurn, until: float) -> Seen:
    """The screen of a step that was taken before; pages of ours have no rows."""
    row = await desk.known(event.key)
    if row is not None:
        return Seen(await desk.again(row, _inbound(desk, event, event.key, "ussd_input"), until))
    known = segments(session.typed or "")[: len(segments(event.text))] == segments(event.text)
    return Seen(session.screen, session.page) if known and session.screen and session.newest else Seen(LOST)


def _turned(session: Session, event: UssdTurn, inputs: tuple[str, ...]) -> int | None:
    """The page that a key of ours leads to; None where an answer was typed.

    Where a screen asks nothing there is no answer: any other key leads on.
    """
    if session.screen is None or len(inputs) != 1:
        return None
    found = rendering.pages(session.screen, event.network)
    page = screens.turned(found, session.page, inputs[0])
    more = session.page + 1 < len(found)
    return page if page is not None or session.screen.open or not more else session.page + 1


def _events(desk: Desk, event: UssdTurn, inputs: tuple[str, ...], *, first: bool) -> list[Inbound]:
    """The events of a step: a first one opens the session, and may bring inputs with it."""
    if not first:
        return [_typed(desk, event, event.text, inputs[0])]
    opening = _inbound(desk, event, step_key(event.session, "", desk.hashed), "ussd_session")
    ahead = [SEPARATOR.join(inputs[: place + 1]) for place in range(len(inputs))]
    typed = [_typed(desk, event, text, one) for text, one in zip(ahead, inputs, strict=True)]
    return [opening.but(kind="opened"), *typed]


def _typed(desk: Desk, event: UssdTurn, text: str, typed: str) -> Inbound:
    return _inbound(desk, event, step_key(event.session, text, desk.hashed), "ussd_input").but(text=typed)


def _inbound(desk: Desk, event: UssdTurn | UssdEnd, key: str, named: str) -> Inbound:
    told = {"channel": "ussd", "service": event.service, "session": event.session, "network": event.network}
    return Inbound(
        key=key,
        address=lane_address(desk.hashed, event.service, event.phone),
        event=named,
        channel="ussd",
        kind="message",
        turn=Turn(surface="ussd", session=event.session),
        contact={"phone": event.phone},
        conversation=told,
    )
