"""Changes of a conversation's status or assignee: they decide whether bot or human owns the lane."""

import hashlib
import json

from dsl.inputs import Inbound
from dsl.model import Json
from providers.chatwoot import trimmings
from providers.chatwoot.fields import Body, maybe_id, part, parts, word
from providers.chatwoot.said import Ignored

STATUSES = frozenset({"open", "resolved", "pending", "snoozed"})
BOT_ONLY = frozenset({"conversation_opened", "conversation_resolved"})
"""Events that only agent bots receive."""

IRRELEVANT = frozenset(
    {
        "additional_attributes",
        "agent_last_seen_at",
        "assignee_last_seen_at",
        "cached_label_list",
        "contact_last_seen_at",
        "conversation_language",
        "custom_attributes",
        "first_reply_created_at",
        "label_list",
        "last_activity_at",
        "priority",
        "updated_at",
        "waiting_since",
    }
)
"""Changes that leave the owner alone; they come with nearly every message."""


def status_changed(body: Body, event: str) -> Inbound | Ignored:
    """The conversation's state: `value` = {status, assignee: {id, type, name} or None, hasBot, at}."""
    status = word(body, "status")
    if status not in STATUSES:
        return Ignored("unknown_status")
    if event == "conversation_updated" and _harmless(body):
        return Ignored("owner_unchanged")
    address, assignee, by_bot = trimmings.address(body), _user(body), _assigned_to_bot(body)
    return Inbound(
        key=f"status:{address}:{status}:{_moment(body, assignee)}",
        address=address,
        event=event,
        kind="status",
        value={
            "status": status,
            "assignee": assignee,
            "hasBot": event in BOT_ONLY or by_bot or status == "pending",
            "at": _time(body),
        },
        inbox_id=trimmings.inbox_id(body, body),
        contact=trimmings.contact_of(body),
        conversation=trimmings.conversation(body),
    )


def _harmless(body: Body) -> bool:
    changed = {name for change in parts(body, "changed_attributes") for name in change}
    return bool(changed) and changed <= IRRELEVANT


def _user(body: Body) -> dict[str, Json] | None:
    found = part(part(body, "meta"), "assignee")
    if not found or _assigned_to_bot(body):
        return None
    return {**trimmings.named(found), "type": "user"}


def _assigned_to_bot(body: Body) -> bool:
    meta = part(body, "meta")
    return word(meta, "assignee_type") == "AgentBot" or word(part(meta, "assignee"), "type") == "agent_bot"


def _time(body: Body) -> float | None:
    """Unix seconds of the change: webhooks of one moment arrive in any order."""
    moment = body.get("updated_at")
    return float(moment) if isinstance(moment, int | float) and not isinstance(moment, bool) else None


def _moment(body: Body, assignee: dict[str, Json] | None) -> str:
    """When it changed, as the key says it; an old release that tells no time is told apart by its content."""
    moment = body.get("updated_at")
    if isinstance(moment, float) or maybe_id(body, "updated_at"):
        return f"{moment:.6f}"
    state = json.dumps([assignee, maybe_id(body, "last_activity_at"), maybe_id(body, "timestamp")])
    return hashlib.sha256(state.encode()).hexdigest()[:16]
