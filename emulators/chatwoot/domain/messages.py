"""The life of a message: what is refused, what a stored one sets off, how it changes later."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from pydantic import Json as JsonText

from emulators.chatwoot.domain import content, conversations, events
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid
from emulators.chatwoot.rows import (
    Actor,
    Attachment,
    Bot,
    Contact,
    Conversation,
    Inbox,
    Json,
    Message,
    SenderType,
    Upload,
    User,
)
from emulators.chatwoot.times import iso

KEPT_ATTRIBUTES = ("items", "in_reply_to", "automation_rule_id")
FLOOD_WINDOW = 60


class Refused(Exception):
    """A message the builder turns down before validation."""


class Draft(BaseModel):
    """What a caller may say about a message to create; unknown keys are ignored, as Rails does."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    content: str | None = None
    message_type: str = "outgoing"
    private: bool = False
    content_type: str = "text"
    content_attributes: dict[str, Any] | JsonText[dict[str, Any]] = Field(default_factory=dict)
    source_id: str | None = None
    echo_id: str | None = None
    sender_type: str | None = None
    sender_id: int | None = None
    external_created_at: str | None = None
    campaign_id: str | None = None
    template_params: dict[str, Any] | None = None
    attachments: list[Upload] = Field(default_factory=list)


def create(emu: Emulator, row: Conversation, draft: Draft, actor: Actor) -> Message:
    """Store what an API caller sends; raises `Refused` or `Invalid`."""
    check(emu.state.inboxes[row.inbox_id], draft)
    return _land(emu, row, draft, _sender(emu, row, draft, actor))


def receive(emu: Emulator, row: Conversation, draft: Draft, contact: Contact) -> Message:
    """Store what the customer wrote, in whatever channel; raises `Invalid`."""
    incoming = draft.model_copy(update={"message_type": "incoming", "content_type": "text"})
    if found := content.problems(draft.content, "text", {}, len(draft.attachments)):
        raise Invalid(*found)
    return _land(emu, row, incoming, contact)


def receive_told(
    emu: Emulator, row: Conversation, kind: str, told: Json, link: str, contact: Contact
) -> Message:
    """Store a customer's message whose attachment is no file: a place, a person's card."""
    number = emu.sequences.take("attachment")
    attachment = Attachment(number, kind, f"{kind}/*", b"", link, told)
    return _land(emu, row, Draft(message_type="incoming"), contact, [attachment])


def check(inbox: Inbox, draft: Draft) -> None:
    """Everything that can be wrong with a message wherever it is put."""
    if draft.message_type == "incoming" and inbox.channel != "api":
        raise Refused("Incoming messages are only allowed in Api inboxes")
    if problem := content.enum_problem(draft.message_type, draft.content_type):
        raise Refused(problem)
    found = content.problems(
        draft.content, draft.content_type, draft.content_attributes, len(draft.attachments)
    )
    if inbox.channel == "web_widget":
        found += content.file_problems(len(upload.data) for upload in draft.attachments)
    if found:
        raise Invalid(*found)


def change(emu: Emulator, message: Message, **values: Any) -> bool:
    """Set columns; announce `message_updated` when something changed."""
    if all(getattr(message, key) == value for key, value in values.items()):
        return False
    for key, value in (values | {"updated_at": emu.now()}).items():
        setattr(message, key, value)
    events.message(emu, "message_updated", message)
    return True


def answer(emu: Emulator, message: Message, **answers: Any) -> bool:
    """Store what the customer clicked or filled in, in the message that asked."""
    return change(emu, message, content_attributes=message.content_attributes | answers)


def delete(emu: Emulator, message: Message) -> None:
    """Chatwoot keeps the row and blanks it."""
    attributes = {"deleted": True}
    change(emu, message, content="This message was deleted", content_attributes=attributes, attachments=[])


def _land(
    emu: Emulator, row: Conversation, draft: Draft, sender: Actor, told: Sequence[Attachment] = ()
) -> Message:
    """Store a message and set off what follows, in Chatwoot's order."""
    if _flooded(emu, row):
        raise Invalid(("base", "Too many messages"))
    emu.state.make_room(sum(len(upload.data) for upload in draft.attachments))
    message = _store(emu, row, draft, sender)
    message.attachments += told
    if message.message_type == "incoming":
        _reopen(emu, row)
    row.last_activity_at = message.created_at
    events.message(emu, "message_created", message)
    _note_waiting(emu, row, message)
    if message.message_type == "incoming":
        _greet(emu, row)
    if isinstance(sender, Contact):
        _note_contact(emu, sender)
    return message


def _greet(emu: Emulator, row: Conversation) -> None:
    """Answer the first incoming message with the inbox's greeting, a template that nobody sent."""
    greeting = emu.state.inboxes[row.inbox_id].greeting_message
    if greeting and sum(message.message_type == "incoming" for message in emu.state.thread(row)) == 1:
        _land(emu, row, Draft(content=greeting, message_type="template"), None)


def _flooded(emu: Emulator, row: Conversation) -> bool:
    start, count = emu.now() - FLOOD_WINDOW, 0
    for message in reversed(emu.state.thread(row)):
        if message.created_at < start or count >= emu.config.messages_per_minute:
            break
        count += 1
    return count >= emu.config.messages_per_minute


def _sender(emu: Emulator, row: Conversation, draft: Draft, actor: Actor) -> Actor:
    if draft.message_type != "outgoing":
        return emu.state.contacts[row.contact_id]
    bot = emu.state.bots.get(draft.sender_id or 0) if draft.sender_type == "AgentBot" else None
    return bot if bot and bot.account_id in (None, row.account_id) else actor


def _store(emu: Emulator, row: Conversation, draft: Draft, sender: Actor) -> Message:
    inbox, now = emu.state.inboxes[row.inbox_id], emu.now()
    kept = {key: draft.content_attributes[key] for key in KEPT_ATTRIBUTES if key in draft.content_attributes}
    message = Message(
        id=emu.sequences.take("message"),
        account_id=row.account_id,
        inbox_id=row.inbox_id,
        conversation_id=row.id,
        message_type=draft.message_type,
        created_at=now,
        updated_at=now,
        content=draft.content,
        content_type=draft.content_type,
        content_attributes=kept | _present(external_created_at=draft.external_created_at),
        additional_attributes=_present(campaign_id=draft.campaign_id, template_params=draft.template_params),
        private=draft.private,
        source_id=draft.source_id,
        sender_type=_sender_type(sender),
        sender_id=sender.id if sender else None,
        attachments=[_attach(emu, upload) for upload in draft.attachments],
        sent_to_channel=_reaches_channel(inbox, draft),
    )
    emu.state.add_message(message)
    return message


def _present(**values: Any) -> Json:
    return {key: value for key, value in values.items() if value is not None}


def _sender_type(sender: Actor) -> SenderType | None:
    if isinstance(sender, Contact):
        return "Contact"
    if isinstance(sender, User):
        return "User"
    return "AgentBot" if isinstance(sender, Bot) else None


def _attach(emu: Emulator, upload: Upload) -> Attachment:
    number = emu.sequences.take("attachment")
    url = f"{emu.base_url}/rails/active_storage/blobs/redirect/{number}/{quote(upload.file_name)}"
    file = Attachment(number, upload.file_name, upload.content_type, upload.data, url)
    emu.state.attachments[number] = file
    return file


def _reaches_channel(inbox: Inbox, draft: Draft) -> bool:
    """In provider channels a `source_id` means "came from the channel": such a message is not sent."""
    if draft.private or draft.message_type != "outgoing":
        return False
    return inbox.channel in ("api", "web_widget") or draft.source_id is None


def _reopen(emu: Emulator, row: Conversation) -> None:
    if row.muted:
        return
    if row.status == "snoozed":
        conversations.change(emu, row, None, status="open")
    elif row.status == "resolved":
        bot = emu.state.active_bot(emu.state.inboxes[row.inbox_id])
        conversations.change(emu, row, None, status="pending" if bot else "open")


def _note_waiting(emu: Emulator, row: Conversation, message: Message) -> None:
    """A customer's message starts the wait, a person's public answer ends it."""
    human = message.message_type == "outgoing" and message.sender_type == "User" and not message.private
    if human:
        first = {} if row.first_reply_created_at else {"first_reply_created_at": message.created_at}
        conversations.change(emu, row, None, waiting_since=None, **first)
    elif message.message_type == "incoming" and row.waiting_since is None:
        conversations.change(emu, row, None, waiting_since=message.created_at)


def _note_contact(emu: Emulator, contact: Contact) -> None:
    old, contact.last_activity_at = contact.last_activity_at, emu.now()
    contact.updated_at = contact.last_activity_at
    change = {"previous_value": iso(old), "current_value": iso(contact.last_activity_at)}
    events.contact(emu, "contact_updated", contact, [{"last_activity_at": change}])
