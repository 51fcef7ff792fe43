"""The parts that every inbound event carries, in our words and within bounds."""

from typing import Any

from dsl.model import Json
from providers.chatwoot.fields import Body, maybe_id, part, parts, row_id
from providers.chatwoot.trim import trimmed

ATTACHMENTS = 15


def address(conversation: Body) -> str:
    """The lane's address: the conversation's display id; raises ReadError without one."""
    return str(row_id(conversation))


def contact(found: Body) -> dict[str, Any]:
    """`{id, name, email, phone, identifier, custom}`; {} where nobody is named."""
    if not found:
        return {}
    kept: dict[str, Any] = trimmed(
        {
            "id": maybe_id(found, "id"),
            "name": found.get("name"),
            "email": found.get("email"),
            "phone": found.get("phone_number"),
            "identifier": found.get("identifier"),
            "custom": part(found, "custom_attributes"),
        }
    ).value
    return kept


def named(found: Body) -> dict[str, Json]:
    """`{id, name}` of somebody."""
    kept: dict[str, Json] = trimmed({"id": maybe_id(found, "id"), "name": found.get("name")}).value
    return kept


def contact_of(conversation: Body) -> dict[str, Any]:
    """The contact a conversation is held with."""
    return contact(part(part(conversation, "meta"), "sender"))


def conversation(found: Body) -> dict[str, Any]:
    """`{id, status, inboxId, channel, labels, custom}`."""
    kept: dict[str, Any] = trimmed(
        {
            "id": row_id(found),
            "status": found.get("status"),
            "inboxId": maybe_id(found, "inbox_id"),
            "channel": found.get("channel"),
            "labels": found.get("labels") or [],
            "custom": part(found, "custom_attributes"),
        }
    ).value
    return kept


def inbox_id(body: Body, found: Body) -> int | None:
    """The inbox, as the conversation or the event names it."""
    return maybe_id(found, "inbox_id") or maybe_id(part(body, "inbox"), "id")


def attachments(message: Body) -> list[Json]:
    """`{id, type, url, extension, size, title, latitude, longitude}` each, without what is unknown."""
    kept: list[Json] = trimmed(
        [_attachment(item) for item in parts(message, "attachments")[:ATTACHMENTS]]
    ).value
    return kept


def _attachment(item: Body) -> dict[str, Json]:
    known = {
        "id": maybe_id(item, "id"),
        "type": item.get("file_type"),
        "url": item.get("data_url"),
        "extension": item.get("extension"),
        "size": item.get("file_size"),
        "title": item.get("fallback_title"),
        "latitude": item.get("coordinates_lat"),
        "longitude": item.get("coordinates_long"),
    }
    return {name: value for name, value in known.items() if value is not None}
