"""The life of a conversation: how it starts, what changes it, and what a change sets off."""

import uuid
from typing import Any

from emulators.chatwoot.domain import activities, events
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Actor, Bot, ContactInbox, Conversation, Json, Status, User
from emulators.chatwoot.times import iso

ANNOUNCED = frozenset(
    {
        "team_id",
        "assignee_id",
        "assignee_agent_bot_id",
        "status",
        "snoozed_until",
        "custom_attributes",
        "label_list",
        "waiting_since",
        "first_reply_created_at",
        "priority",
    }
)
TIMES = frozenset({"snoozed_until", "waiting_since", "first_reply_created_at", "updated_at"})


def create(
    emu: Emulator, address: ContactInbox, *, status: Status | None = None, **fields: Any
) -> Conversation:
    """Start a conversation at a contact's address; `fields` are columns of the row."""
    emu.state.make_room()
    inbox, now = emu.state.inboxes[address.inbox_id], emu.now()
    row = Conversation(
        id=emu.sequences.take("conversation"),
        display_id=emu.sequences.display(inbox.account_id),
        uuid=str(uuid.uuid4()),
        account_id=inbox.account_id,
        inbox_id=inbox.id,
        contact_id=address.contact_id,
        contact_inbox_id=address.id,
        created_at=now,
        updated_at=now,
        last_activity_at=now,
        waiting_since=now,
        **fields,
    )
    row.status = _first_status(emu, row, status)
    emu.state.add_conversation(row)
    events.conversation_created(emu, row)
    _auto_assign(emu, row)
    return row


def existing(emu: Emulator, address: ContactInbox) -> Conversation | None:
    """The conversation an inbox locked to a single one hands out again."""
    if not emu.state.inboxes[address.inbox_id].lock_to_single_conversation:
        return None
    rows = [row for row in emu.state.conversations.values() if row.contact_inbox_id == address.id]
    return rows[-1] if rows else None


def change(emu: Emulator, row: Conversation, actor: Actor, **values: Any) -> bool:
    """Set columns and announce what really changed; False when nothing did."""
    if values.get("status", row.status) != "snoozed":
        values["snoozed_until"] = None
    before = {key: getattr(row, key) for key, value in values.items() if getattr(row, key) != value}
    if not before:
        return False
    before["updated_at"] = row.updated_at
    for key, value in (values | {"updated_at": emu.now()}).items():
        setattr(row, key, value)
    changes = [_change(row, key, old) for key, old in before.items()]
    _announce(emu, row, before, changes, actor)
    return True


def hand_off(emu: Emulator, row: Conversation, actor: Actor) -> None:
    """What a bot's `open` on a pending conversation means: people take over, the bot owns it no more."""
    change(emu, row, actor, status="open", assignee_agent_bot_id=None)


def human_open(emu: Emulator, row: Conversation, user: User) -> None:
    """After a person opened it: an agent (not an administrator) becomes the assignee."""
    own = {"assignee_id": user.id} if user.role == "agent" else {}
    change(emu, row, user, assignee_agent_bot_id=None, **own)


def assign(emu: Emulator, row: Conversation, actor: Actor, assignee: User | Bot | None) -> None:
    """Give the conversation to a person, to a bot (which makes it pending) or to nobody."""
    if isinstance(assignee, Bot):
        change(emu, row, actor, assignee_id=None, assignee_agent_bot_id=assignee.id, status="pending")
        return
    number = assignee.id if assignee else None
    change(emu, row, actor, assignee_id=number, assignee_agent_bot_id=None)


def set_labels(emu: Emulator, row: Conversation, actor: Actor, labels: list[str]) -> None:
    """Replace the whole list."""
    if change(emu, row, actor, label_list=list(dict.fromkeys(labels))) and emu.config.label_update_twice:
        events.conversation_updated(emu, row, [_change(row, "label_list", row.label_list)])


def _first_status(emu: Emulator, row: Conversation, wanted: Status | None) -> Status:
    if emu.state.contacts[row.contact_id].blocked:
        return "resolved"
    if wanted is not None:
        return wanted
    return "pending" if emu.state.active_bot(emu.state.inboxes[row.inbox_id]) else "open"


def _announce(emu: Emulator, row: Conversation, before: Json, changes: list[Json], actor: Actor) -> None:
    """Status events first, then the activity lines, then the update: Chatwoot's order."""
    assigns = "status" in before and _assignable(emu, row) is not None
    if "status" in before:
        if row.status == "resolved":
            row.waiting_since = None
        hidden = assigns and emu.config.auto_assignment_hides_status_change
        status_only = [entry for entry in changes if "status" in entry]
        events.status_changed(emu, row, status_only, hidden=hidden)
    activities.tell(emu, row, before, actor)
    if not ANNOUNCED.isdisjoint(before):
        events.conversation_updated(emu, row, changes)
    if assigns:
        _auto_assign(emu, row)


def _assignable(emu: Emulator, row: Conversation) -> User | None:
    """Who auto-assignment would choose for this conversation: the agent with the fewest."""
    inbox = emu.state.inboxes[row.inbox_id]
    if not inbox.enable_auto_assignment or row.status != "open" or row.assignee_id:
        return None
    agents = [user for user in emu.state.users_of(row.account_id) if user.role == "agent"]
    load = [conversation.assignee_id for conversation in emu.state.conversations_of(row.account_id)]
    return min(agents, key=lambda user: load.count(user.id), default=None)


def _auto_assign(emu: Emulator, row: Conversation) -> None:
    if agent := _assignable(emu, row):
        change(emu, row, None, assignee_id=agent.id)


def _change(row: Conversation, key: str, old: Any) -> Json:
    new = getattr(row, key)
    if key in TIMES:
        old, new = iso(old), iso(new)
    return {key: {"previous_value": old, "current_value": new}}
