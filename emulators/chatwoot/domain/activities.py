"""The grey lines inside a conversation that tell what happened; no webhook carries them."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Actor, Conversation, Json, Message, User

BOT_ERROR = "Conversation was marked open by system due to an error with the agent bot."
STATUS_TEXTS = {
    "resolved": "Conversation was marked resolved by {name}",
    "open": "Conversation was reopened by {name}",
    "pending": "Conversation was marked as pending by {name}",
    "snoozed": "Conversation was snoozed by {name}",
}


def add(emu: Emulator, row: Conversation, content: str) -> None:
    """Store an activity message."""
    now = emu.now()
    message = Message(
        id=emu.sequences.take("message"),
        account_id=row.account_id,
        inbox_id=row.inbox_id,
        conversation_id=row.id,
        message_type="activity",
        created_at=now,
        updated_at=now,
        content=content,
    )
    emu.state.add_message(message)


def tell(emu: Emulator, row: Conversation, before: Json, actor: Actor) -> None:
    """Store the activities of a change; `before` holds the old values, only people and bots are named."""
    name = getattr(actor, "name", None)
    if not name:
        return
    if "status" in before:
        add(emu, row, STATUS_TEXTS[row.status].format(name=name))
    if "priority" in before:
        add(emu, row, _priority(before["priority"], row.priority, name))
    if "label_list" in before:
        _tell_labels(emu, row, before["label_list"], name)
    if "assignee_id" in before:
        add(emu, row, _assignee(emu, row, actor, name))


def _priority(old: str | None, new: str | None, name: str) -> str:
    if new is None:
        return f"{name} removed the priority"
    return f"{name} changed the priority from {old} to {new}" if old else f"{name} set the priority to {new}"


def _tell_labels(emu: Emulator, row: Conversation, old: list[str], name: str) -> None:
    added = [label for label in row.label_list if label not in old]
    removed = [label for label in old if label not in row.label_list]
    if added:
        add(emu, row, f"{name} added {', '.join(added)}")
    if removed:
        add(emu, row, f"{name} removed {', '.join(removed)}")


def _assignee(emu: Emulator, row: Conversation, actor: Actor, name: str) -> str:
    if row.assignee_id is None:
        return f"Conversation unassigned by {name}"
    if isinstance(actor, User) and actor.id == row.assignee_id:
        return f"{name} self-assigned this conversation"
    return f"Assigned to {emu.state.users[row.assignee_id].name} by {name}"
