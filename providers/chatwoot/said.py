"""What a person wrote: Chatwoot shows a message in two shapes, both are read here."""

from dataclasses import dataclass

from dsl.inputs import Inbound
from providers.chatwoot import trimmings
from providers.chatwoot.fields import Body, part, row_id, word
from providers.chatwoot.trim import text_within

NUMBERED = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
"""The nested and the listed shape give the type as a number, the webhook's own as a word."""


@dataclass(frozen=True)
class Ignored:
    """An event that moves nothing; `reason` is a stable word."""

    reason: str


def direction(message: Body) -> str:
    """incoming, outgoing, activity or template, whichever shape the message has."""
    kind = message.get("message_type")
    if isinstance(kind, int):
        return NUMBERED.get(kind, "unknown_type")
    return kind if isinstance(kind, str) and kind in NUMBERED.values() else "unknown_type"


def from_contact(message: Body) -> bool:
    """Whether a person outside wrote it: incoming, public, and not by an agent or a bot."""
    return _unwanted(message) is None


def said(message: Body, conversation: Body, event: str, body: Body) -> Inbound | Ignored:
    """A message as an input; `body` is the whole event. Raises ReadError without ids."""
    reason = _unwanted(message)
    if reason is not None:
        return Ignored(reason)
    number, text = row_id(message), text_within(word(message, "content") or "")
    return Inbound(
        key=f"msg:{number}",
        address=trimmings.address(conversation),
        event=event,
        kind="message",
        text=text.value or None,
        value={"textCut": True} if text.cut else None,
        attachments=trimmings.attachments(message),
        message_id=number,
        inbox_id=trimmings.inbox_id(body, conversation),
        contact=trimmings.contact(part(message, "sender")) or trimmings.contact_of(conversation),
        conversation=trimmings.conversation(conversation),
    )


def _unwanted(message: Body) -> str | None:
    kind = direction(message)
    if kind != "incoming":
        return kind
    if message.get("private") is True:
        return "private"
    # The nested shape says it in `sender_type`, the webhook's own in `sender.type`; a contact has none there.
    writer = str(part(message, "sender").get("type") or message.get("sender_type") or "contact")
    return None if writer.lower() == "contact" else "not_from_contact"
