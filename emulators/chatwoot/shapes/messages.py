"""A message nested in a conversation, in REST answers and before the customer: types are numbers."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import MESSAGE_TYPES, Attachment, Json, Message
from emulators.chatwoot.shapes import people
from emulators.chatwoot.shapes.facts import unread_count
from emulators.chatwoot.times import iso, unix


def nested(emu: Emulator, row: Message) -> Json:
    """The raw row inside `conversation.messages`: number as type, unix time."""
    conversation = emu.state.conversations[row.conversation_id]
    address = emu.state.contact_inboxes[conversation.contact_inbox_id]
    body: Json = {
        "id": row.id,
        "content": row.content,
        "account_id": row.account_id,
        "inbox_id": row.inbox_id,
        "conversation_id": conversation.display_id,
        "message_type": MESSAGE_TYPES.index(row.message_type),
        "created_at": unix(row.created_at),
        "updated_at": iso(row.updated_at),
        "private": row.private,
        "status": row.status,
        "source_id": row.source_id,
        "content_type": row.content_type,
        "content_attributes": row.content_attributes,
        "sender_type": row.sender_type,
        "sender_id": row.sender_id,
        "external_source_ids": {},
        "additional_attributes": row.additional_attributes,
        "processed_message_content": row.content,
        "sentiment": {},
        "conversation": {
            "assignee_id": conversation.assignee_id,
            "unread_count": unread_count(emu, conversation),
            "last_activity_at": unix(conversation.last_activity_at),
            "contact_inbox": {"source_id": address.source_id},
        },
    }
    return body | attachments(row) | _sender(emu, row)


def rest(emu: Emulator, row: Message, echo_id: str | None = None) -> Json:
    """A message in REST answers of the account API."""
    body: Json = {
        "id": row.id,
        "content": row.content,
        "inbox_id": row.inbox_id,
        "conversation_id": emu.state.conversations[row.conversation_id].display_id,
        "message_type": MESSAGE_TYPES.index(row.message_type),
        "content_type": row.content_type,
        "status": row.status,
        "content_attributes": row.content_attributes,
        "created_at": unix(row.created_at),
        "private": row.private,
        "source_id": row.source_id,
    }
    if echo_id is not None:
        body["echo_id"] = echo_id
    return body | _sender(emu, row) | attachments(row)


def public(emu: Emulator, row: Message) -> Json:
    """A message as the customer's client sees it."""
    body: Json = {
        "id": row.id,
        "content": row.content,
        "message_type": MESSAGE_TYPES.index(row.message_type),
        "content_type": row.content_type,
        "content_attributes": row.content_attributes,
        "created_at": unix(row.created_at),
        "conversation_id": emu.state.conversations[row.conversation_id].display_id,
    }
    return body | _sender(emu, row) | attachments(row)


def _sender(emu: Emulator, row: Message) -> Json:
    sender = people.push_person(people.sender_row(emu.state, row))
    return {"sender": sender} if sender else {}


def attachments(row: Message) -> dict[str, list[Json]]:
    return {"attachments": [_attachment(row, file) for file in row.attachments]} if row.attachments else {}


def stored(emu: Emulator, row: Message, file: Attachment) -> Json:
    """A file in the list of a conversation's files."""
    shown = {key: value for key, value in _attachment(row, file).items() if key not in ("id", "account_id")}
    return shown | {"created_at": unix(row.created_at)} | _sender(emu, row)


def _attachment(row: Message, file: Attachment) -> Json:
    """Of a place and of a person's card there is no file, but what they say."""
    body: Json = {
        "id": file.id,
        "message_id": row.id,
        "file_type": file.kind,
        "account_id": row.account_id,
    }
    return body | ({"data_url": file.data_url} | file.told if file.told else _file(file))


def _file(file: Attachment) -> Json:
    heard = {"transcribed_text": ""} if file.kind == "audio" else {}
    return heard | {
        "extension": None,
        "data_url": file.data_url,
        "thumb_url": "",
        "file_size": len(file.data),
        "width": None,
        "height": None,
    }
