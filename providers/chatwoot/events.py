"""Chatwoot's webhooks in our words: any JSON becomes an input, an ignored event, or a ReadError."""

from collections.abc import Callable

from dsl.inputs import Inbound
from dsl.model import Json
from providers.chatwoot import trimmings
from providers.chatwoot.fields import Body, part, parts, row_id, word
from providers.chatwoot.said import Ignored, from_contact, said
from providers.chatwoot.status import status_changed
from providers.chatwoot.submitted import submitted
from providers.chatwoot.trim import text_within
from providers.errors import ReadError


def read(body: Json) -> Inbound | Ignored:
    """The event of a webhook's body, trimmed to what a flow may see; raises nothing but ReadError."""
    if not isinstance(body, dict):
        raise ReadError("the body is not an object")
    event = word(body, "event")
    if event is None:
        raise ReadError("event is missing")
    reader = READERS.get(event)
    return reader(body, event) if reader else Ignored("unknown_event")


def read_listed(row: Body, conversation: Body) -> Inbound | Ignored:
    """The same for a message as REST lists it; `conversation` needs `id`, and may have what events have."""
    return said(row, conversation, "message_created", {})


def _message_created(body: Body, event: str) -> Inbound | Ignored:
    return said(body, part(body, "conversation"), event, body)


def _message_updated(body: Body, _: str) -> Inbound | Ignored:
    return submitted(body, part(body, "conversation"), body)


def _conversation_created(body: Body, event: str) -> Inbound | Ignored:
    """Its first message, if one is inside: the same message as the event of its own, under the same key."""
    first = parts(body, "messages")[:1]
    if first and from_contact(first[0]):
        return said(first[0], body, event, body)
    return _opened(f"conv:{trimmings.address(body)}", body, body, event)


def _widget_opened(body: Body, event: str) -> Inbound | Ignored:
    conversation = part(body, "current_conversation")
    if not conversation:
        return Ignored("no_conversation")
    initiated = part(part(body, "event_info"), "initiated_at").get("timestamp")
    moment = text_within(str(initiated), 100).value if isinstance(initiated, str | int | float) else ""
    key = f"widget:{row_id(body)}:{moment}"
    return _opened(key, body, conversation, event)


def _opened(key: str, body: Body, conversation: Body, event: str) -> Inbound:
    return Inbound(
        key=key,
        address=trimmings.address(conversation),
        event=event,
        kind="opened",
        inbox_id=trimmings.inbox_id(body, conversation),
        contact=trimmings.contact(part(body, "contact")) or trimmings.contact_of(conversation),
        conversation=trimmings.conversation(conversation),
    )


READERS: dict[str, Callable[[Body, str], Inbound | Ignored]] = {
    "message_created": _message_created,
    "message_updated": _message_updated,
    "conversation_created": _conversation_created,
    "conversation_status_changed": status_changed,
    "conversation_updated": status_changed,
    "conversation_opened": status_changed,
    "conversation_resolved": status_changed,
    "webwidget_triggered": _widget_opened,
}
