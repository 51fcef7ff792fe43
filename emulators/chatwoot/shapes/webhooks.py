"""Whole webhook bodies; here a message's type is a text and its time ISO."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Actor, Contact, ContactInbox, Conversation, Json, Message
from emulators.chatwoot.shapes import conversations, people
from emulators.chatwoot.shapes.messages import attachments
from emulators.chatwoot.times import iso


def message(emu: Emulator, row: Message, event: str) -> Json:
    """Body of `message_created` and `message_updated`."""
    state = emu.state
    body: Json = {
        "event": event,
        "id": row.id,
        "content": _content(emu, row),
        "content_type": row.content_type,
        "content_attributes": row.content_attributes,
        "additional_attributes": row.additional_attributes,
        "message_type": row.message_type,
        "private": row.private,
        "source_id": row.source_id,
        "created_at": iso(row.created_at),
        "account": people.account(state.accounts[row.account_id]),
        "inbox": people.inbox(state.inboxes[row.inbox_id]),
        "sender": people.webhook_person(state, people.sender_row(state, row)),
        "conversation": conversations.webhook(emu, state.conversations[row.conversation_id]),
    }
    return body | attachments(row)


def conversation(emu: Emulator, row: Conversation, event: str) -> Json:
    """Body of the conversation events that carry no `changed_attributes`."""
    return {"event": event, **conversations.webhook(emu, row)}


def typing(emu: Emulator, row: Conversation, event: str, person: Actor, private: bool) -> Json:
    return {
        "event": event,
        "user": people.webhook_person(emu.state, person),
        "conversation": conversations.webhook(emu, row),
        "is_private": private,
    }


def contact(emu: Emulator, row: Contact, event: str) -> Json:
    return {"event": event, **people.contact_webhook(emu.state, row)}


def widget_opened(emu: Emulator, row: ContactInbox, current: Conversation | None, info: Json) -> Json:
    """Body of `webwidget_triggered`; `id` is the contact inbox's."""
    state, inbox = emu.state, emu.state.inboxes[row.inbox_id]
    return {
        "event": "webwidget_triggered",
        "id": row.id,
        "source_id": row.source_id,
        "contact": people.contact_webhook(state, state.contacts[row.contact_id]),
        "inbox": people.inbox(inbox),
        "account": people.account(state.accounts[inbox.account_id]),
        "current_conversation": conversations.webhook(emu, current) if current else None,
        "event_info": info,
    }


def _content(emu: Emulator, row: Message) -> str | None:
    """What is told of the text: outside web widgets a survey is a link to it."""
    if row.content_type == "input_csat" and emu.state.inboxes[row.inbox_id].channel != "web_widget":
        talk = emu.state.conversations[row.conversation_id].uuid
        return f"Please rate this conversation, {emu.base_url}/survey/responses/{talk}"
    return _normalised(row.content) if emu.facts.normalises_content else row.content


def _normalised(content: str | None) -> str | None:
    """Newer releases repair what their editor does to line ends."""
    return None if content is None else content.replace("\\\n", "\n").rstrip("\n")
