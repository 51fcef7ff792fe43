"""The whole state as JSON, for people who watch the emulator; field names are Chatwoot's."""

from dataclasses import asdict
from typing import Any

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Conversation, Json, Message

TABLES = {
    "accounts": "accounts",
    "users": "users",
    "agent_bots": "bots",
    "platform_apps": "platform_apps",
    "inboxes": "inboxes",
    "webhooks": "webhooks",
    "teams": "teams",
    "labels": "labels",
    "contacts": "contacts",
    "contact_inboxes": "contact_inboxes",
}


def everything(emu: Emulator) -> Json:
    """All tables, tokens and secrets included: the emulator's secrets are nobody's."""
    state = emu.state
    tables: Json = {
        name: [_plain(asdict(row)) for row in getattr(state, table).values()]
        for name, table in TABLES.items()
    }
    tables["conversations"] = [conversation(emu, row) for row in state.conversations.values()]
    tables["messages"] = [message(emu, row) for row in state.messages.values()]
    return tables | {"pending_deliveries": emu.engine.pending, "profile": emu.config.profile}


def one_conversation(emu: Emulator, row: Conversation) -> Json:
    """A conversation with its contact and its messages in order."""
    return {
        "conversation": conversation(emu, row),
        "contact": _plain(asdict(emu.state.contacts[row.contact_id])),
        "messages": [message(emu, item) for item in emu.state.thread(row)],
        "pending_deliveries": emu.engine.pending,
    }


def conversation(emu: Emulator, row: Conversation) -> Json:
    """`id` is the display id, as everywhere outside; `row_id` the global one."""
    fields = asdict(row)
    address = emu.state.contact_inboxes[row.contact_inbox_id]
    own = {"id": row.display_id, "row_id": row.id, "labels": row.label_list, "source_id": address.source_id}
    del fields["display_id"], fields["label_list"]
    return fields | own


def message(emu: Emulator, row: Message) -> Json:
    """A message with its display conversation id and its sender's name."""
    fields = asdict(row)
    fields["conversation_id"] = emu.state.conversations[row.conversation_id].display_id
    fields["attachments"] = [
        {"id": file.id, "file_name": file.file_name, "data_url": file.data_url} for file in row.attachments
    ]
    return fields


def _plain(fields: dict[str, Any]) -> Json:
    return {key: sorted(value) if isinstance(value, set) else value for key, value in fields.items()}
