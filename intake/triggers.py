"""Which published flow an event starts."""

from typing import Any, NamedTuple

from dsl.channels import CHATWOOT
from dsl.inputs import Inbound
from dsl.words import folded
from store.database import Database
from store.lanes import Lane, Newest, resolved_since
from store.triggers import Asked, Starter, matching

NAMED = frozenset({"webwidget_triggered"})
"""Events that start under their own name, beside what their kind says."""


class Chosen(NamedTuple):
    """The flow to start, by the digest of its plan, and the event it is started by."""

    flow_id: str
    version: int
    plan: str
    name: str
    channel: str
    event: str
    plans: tuple[str, ...] = ()
    """Digests of the plans that its subflows walk."""


async def match(db: Database, lane: Lane, event: Inbound, *, opens: bool) -> Chosen | None:
    """The flow that an event starts on a lane where nothing runs; `opens`: its conversation is new to us.

    Keyword before service code before inbox before channel.
    """
    if not lane.is_conversation:
        return None
    events = starting_events(event, opens=opens)
    if not events:
        return None
    service = event.conversation.get("service")
    asked = Asked(event.channel, lane.connection, events, event.inbox_id, service)
    fitting = await matching(db, lane.workspace, asked)
    best = min(
        (one for one in fitting if _says(event, one.keyword)),
        key=lambda one: _rank(one, events),
        default=None,
    )
    if best is None:
        return None
    return Chosen(best.flow_id, best.version, best.plan, best.name, best.channel, best.event, best.plans)


def starting_events(event: Inbound, *, opens: bool) -> list[str]:
    """What an event may start as, the most particular first; `opens`: its conversation is new to us."""
    if event.channel != CHATWOOT:
        return _line_events(event)
    named = [event.event] if event.event in NAMED else []
    opening = ["conversation_created"] if opens else []
    match event.kind:
        case "message":
            return [*opening, "message_created"]
        case "opened":
            return [*named, *opening]
        case "status":
            return _status_events(event)
        case _:
            return []


def _line_events(event: Inbound) -> list[str]:
    """Of people on the phone: whoever dials in where nothing runs begins, however much they have typed."""
    match event.channel, event.kind:
        case "sms", "message":
            return ["sms_received"]
        case "ussd", "opened" | "message" if event.turn is not None:
            return ["ussd_session"]
        case "voice", "opened" if event.event == "call_received":
            return ["call_received"]
        case _:
            return []


def status_of(event: Inbound) -> Any:
    """The status that a change of status tells of."""
    return event.value.get("status") if event.kind == "status" and isinstance(event.value, dict) else None


def _status_events(event: Inbound) -> list[str]:
    status = status_of(event)
    if status == "resolved":
        return ["conversation_resolved"]
    return ["conversation_reopened"] if status in ("open", "pending") else []


async def reopened(db: Database, lane: Lane, newest: Newest | None) -> bool:
    """Whether the conversation is unknown to us, or closed: resolved, or its last run expired."""
    return newest is None or newest.status == "expired" or await resolved_since(db, lane)


def _says(event: Inbound, keyword: str | None) -> bool:
    """Whether a message is the keyword or begins with it, in any case of letters."""
    if keyword is None:
        return True
    said = folded(event.text or "")
    wanted = folded(keyword)
    return event.kind == "message" and (said == wanted or said.startswith(f"{wanted} "))


def _rank(one: Starter, events: list[str]) -> tuple[bool, bool, bool, bool, int]:
    """Smaller is stronger."""
    named = one.keyword is None, one.service_code is None, one.inbox_id is None, one.connection is None
    return *named, events.index(one.event)
