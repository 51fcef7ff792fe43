"""What follows from a conversation's messages."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Conversation, Message

UNREAD_CAP = 10
REPLY_WINDOW = 86_400


def newest_public(emu: Emulator, row: Conversation) -> Message | None:
    """The newest message that is neither private nor an activity."""
    thread = reversed(emu.state.thread(row))
    return next((m for m in thread if not m.private and m.message_type != "activity"), None)


def unread_count(emu: Emulator, row: Conversation) -> int:
    seen, count = row.agent_last_seen_at or 0.0, 0
    for message in reversed(emu.state.thread(row)):
        if message.created_at <= seen or count == UNREAD_CAP:
            break
        count += message.message_type == "incoming"
    return count


def can_reply(emu: Emulator, row: Conversation) -> bool:
    """WhatsApp closes its window a day after the customer's last message; the others never do."""
    if emu.state.inboxes[row.inbox_id].channel != "whatsapp":
        return True
    incoming = (m for m in reversed(emu.state.thread(row)) if m.message_type == "incoming")
    last = next(incoming, None)
    return last is not None and emu.now() - last.created_at < REPLY_WINDOW
