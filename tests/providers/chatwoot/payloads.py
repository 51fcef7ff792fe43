"""Bodies as Chatwoot sends them, with invented people."""

from copy import deepcopy
from typing import Any

CONTACT: dict[str, Any] = {
    "account": {"id": 3, "name": "Duka Moja"},
    "additional_attributes": {},
    "avatar": "",
    "custom_attributes": {"tier": "gold"},
    "email": None,
    "id": 501,
    "identifier": None,
    "name": "Asha",
    "phone_number": "+254700000111",
    "thumbnail": "",
    "blocked": False,
}
BOT: dict[str, Any] = {"id": 4, "name": "Flow bot", "type": "agent_bot"}
AGENT: dict[str, Any] = {"id": 8, "name": "Juma", "email": "juma@example.org", "type": "user"}
NESTED: dict[str, Any] = {
    "id": 9101,
    "content": "habari",
    "message_type": 0,
    "created_at": 1767604522,
    "conversation_id": 77,
    "account_id": 3,
    "inbox_id": 12,
    "private": False,
    "status": "sent",
    "content_type": "text",
    "content_attributes": {},
    "sender_type": "Contact",
    "sender_id": 501,
    "source_id": None,
}
CONVERSATION: dict[str, Any] = {
    "id": 77,
    "inbox_id": 12,
    "channel": "Channel::WebWidget",
    "status": "pending",
    "can_reply": True,
    "additional_attributes": {},
    "custom_attributes": {"plan": "a"},
    "labels": ["vip"],
    "priority": None,
    "snoozed_until": None,
    "first_reply_created_at": None,
    "unread_count": 1,
    "waiting_since": 1767604522,
    "agent_last_seen_at": 0,
    "contact_last_seen_at": 0,
    "last_activity_at": 1767604522,
    "timestamp": 1767604522,
    "created_at": 1767604500,
    "updated_at": 1767604522.42,
    "contact_inbox": {"id": 640, "contact_id": 501, "inbox_id": 12, "source_id": "0b8c", "pubsub_token": "x"},
    "messages": [NESTED],
    "meta": {
        "sender": {**CONTACT, "type": "contact"},
        "assignee": None,
        "assignee_type": None,
        "team": None,
        "hmac_verified": False,
    },
    "account": {"id": 3, "name": "Duka Moja"},
}


def message(**changes: Any) -> dict[str, Any]:
    """A `message_created` of the contact."""
    body = {
        "event": "message_created",
        "id": 9101,
        "content": "habari",
        "content_type": "text",
        "content_attributes": {},
        "additional_attributes": {},
        "message_type": "incoming",
        "private": False,
        "source_id": None,
        "created_at": "2026-01-05T09:15:22.417Z",
        "account": {"id": 3, "name": "Duka Moja"},
        "inbox": {"id": 12, "name": "Web chat"},
        "sender": CONTACT,
        "conversation": CONVERSATION,
    }
    return deepcopy(body | changes)


def updated(content_type: str, **attributes: Any) -> dict[str, Any]:
    """A `message_updated` of the bot's own message."""
    return message(
        event="message_updated",
        id=9102,
        message_type="outgoing",
        content="Choose",
        content_type=content_type,
        content_attributes=attributes,
        sender=BOT,
    )


def conversation(event: str, **changes: Any) -> dict[str, Any]:
    """An event whose top level is the conversation."""
    return deepcopy(CONVERSATION | {"event": event} | changes)


def assigned(event: str, assignee: dict[str, Any], kind: str | None) -> dict[str, Any]:
    """The same with an assignee; old releases tell no `kind`."""
    body = conversation(event)
    body["meta"] |= {"assignee": assignee, "assignee_type": kind}
    return body


def widget(current: dict[str, Any] | None) -> dict[str, Any]:
    """A `webwidget_triggered`."""
    return {
        "event": "webwidget_triggered",
        "id": 640,
        "source_id": "0b8c",
        "contact": {"id": 501, "name": "Asha"},
        "inbox": {"id": 12, "name": "Web chat"},
        "account": {"id": 3, "name": "Duka Moja"},
        "current_conversation": deepcopy(current),
        "event_info": {"initiated_at": {"timestamp": "Mon Jan 05 2026 12:15:00 GMT+0300"}},
    }
