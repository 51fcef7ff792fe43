"""What a webhook that finally failed does to the installation."""

from emulators.chatwoot.delivery import Delivery
from emulators.chatwoot.domain import activities, conversations, messages
from emulators.chatwoot.emulator import Emulator

MESSAGE_EVENTS = frozenset({"message_created", "message_updated"})


def apply(emu: Emulator, delivery: Delivery, reason: str) -> None:
    """An API inbox marks the message failed, a bot loses its pending conversation, an account only logs."""
    message = emu.state.messages.get(delivery.refs.get("message", 0))
    if delivery.event not in MESSAGE_EVENTS or message is None:
        return
    if delivery.channel == "api_inbox":
        attributes = message.content_attributes | {"external_error": reason}
        messages.change(emu, message, status="failed", content_attributes=attributes)
    if delivery.channel == "agent_bot":
        _give_up_bot(emu, message.conversation_id)


def _give_up_bot(emu: Emulator, conversation_id: int) -> None:
    row = emu.state.conversations[conversation_id]
    if not emu.facts.bot_failure_opens or emu.config.keep_pending_on_bot_failure:
        return
    if row.status == "pending":
        conversations.change(emu, row, None, status="open")
        activities.add(emu, row, activities.BOT_ERROR)
