"""The tables of the installation, in memory."""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from emulators.chatwoot.errors import ApiError, not_found
from emulators.chatwoot.rows import (
    Account,
    Attachment,
    Bot,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Label,
    Message,
    PlatformApp,
    Team,
    User,
    Webhook,
)

Row = TypeVar("Row")

# Different starting points, so that a client that mixes two kinds of id fails at once.
FIRST_IDS = {
    "account": 1,
    "user": 8,
    "bot": 4,
    "platform_app": 1,
    "inbox": 12,
    "webhook": 21,
    "team": 2,
    "label": 31,
    "contact": 501,
    "contact_inbox": 640,
    "conversation": 3001,
    "message": 9101,
    "attachment": 71,
}
GROWING = frozenset({"contact", "contact_inbox", "conversation", "message", "attachment"})
EPOCH_SIZE = 1_000_000
FILE_BYTES = 256 * 1024 * 1024


class Sequences:
    """Ids that are never given twice, not even after a reset or (by `epoch`) a restart."""

    def __init__(self, epoch: int = 0) -> None:
        self._offset = epoch * EPOCH_SIZE
        self._next = {
            name: first + (self._offset if name in GROWING else 0) for name, first in FIRST_IDS.items()
        }
        self._displays: dict[int, int] = {}

    def take(self, name: str, wanted: int | None = None) -> int:
        """The wanted id, or the next free one; a wanted id moves the sequence past it."""
        number = self._next[name] if wanted is None else wanted
        self._next[name] = max(self._next[name], number + 1)
        return number

    def display(self, account_id: int) -> int:
        self._displays[account_id] = self._displays.get(account_id, self._offset) + 1
        return self._displays[account_id]


class State:
    """All rows, with the few indexes the rules need."""

    def __init__(self, row_limit: int) -> None:
        self._row_limit = row_limit
        self._file_bytes = 0
        self.accounts: dict[int, Account] = {}
        self.users: dict[int, User] = {}
        self.bots: dict[int, Bot] = {}
        self.platform_apps: dict[int, PlatformApp] = {}
        self.inboxes: dict[int, Inbox] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.teams: dict[int, Team] = {}
        self.labels: dict[int, Label] = {}
        self.contacts: dict[int, Contact] = {}
        self.contact_inboxes: dict[int, ContactInbox] = {}
        self.conversations: dict[int, Conversation] = {}
        self.messages: dict[int, Message] = {}
        self.attachments: dict[int, Attachment] = {}
        self.contact_attribute_keys: set[str] = set()
        self._displays: dict[tuple[int, int], Conversation] = {}
        self._addresses: dict[tuple[int, str], ContactInbox] = {}
        self._threads: defaultdict[int, list[Message]] = defaultdict(list)

    def make_room(self, size: int = 0) -> None:
        """Refuse growth beyond the bounds (rows, bytes of files) instead of eating the machine."""
        rows = len(self.contacts) + len(self.conversations) + len(self.messages)
        self._file_bytes += size
        if rows >= self._row_limit or self._file_bytes > FILE_BYTES:
            raise ApiError(507, {"error": "The emulator is full: reset it"})

    def add_conversation(self, conversation: Conversation) -> None:
        self.conversations[conversation.id] = conversation
        self._displays[conversation.account_id, conversation.display_id] = conversation

    def add_address(self, address: ContactInbox) -> None:
        self.contact_inboxes[address.id] = address
        self._addresses[address.inbox_id, address.source_id] = address

    def add_message(self, message: Message) -> None:
        self.messages[message.id] = message
        self._threads[message.conversation_id].append(message)

    def drop_contact(self, contact: Contact) -> None:
        """Remove a contact with its addresses, conversations and messages."""
        for conversation in [c for c in self.conversations.values() if c.contact_id == contact.id]:
            for message in self._threads.pop(conversation.id, []):
                del self.messages[message.id]
            del self._displays[conversation.account_id, conversation.display_id]
            del self.conversations[conversation.id]
        for address in self.addresses(contact):
            del self._addresses[address.inbox_id, address.source_id]
            del self.contact_inboxes[address.id]
        del self.contacts[contact.id]

    def thread(self, conversation: Conversation) -> list[Message]:
        """The messages of a conversation in the order they were stored."""
        return self._threads[conversation.id]

    def conversation(self, account_id: int, display_id: int) -> Conversation:
        return found(self._displays.get((account_id, display_id)))

    def inbox(self, account_id: int, inbox_id: int) -> Inbox:
        return owned(self.inboxes.get(inbox_id), account_id)

    def contact(self, account_id: int, contact_id: int) -> Contact:
        return owned(self.contacts.get(contact_id), account_id)

    def users_of(self, account_id: int) -> list[User]:
        return [user for user in self.users.values() if account_id in user.account_ids]

    def addresses(self, contact: Contact) -> list[ContactInbox]:
        return [row for row in self.contact_inboxes.values() if row.contact_id == contact.id]

    def address(self, inbox_id: int, source_id: str) -> ContactInbox | None:
        return self._addresses.get((inbox_id, source_id))

    def conversations_of(self, account_id: int) -> Iterator[Conversation]:
        return (row for row in self.conversations.values() if row.account_id == account_id)

    def active_bot(self, inbox: Inbox) -> Bot | None:
        return self.bots.get(inbox.agent_bot_id or 0) if inbox.agent_bot_active else None


def found(row: Row | None) -> Row:
    """`row`, or the 404 of a missing record."""
    if row is None:
        raise not_found()
    return row


def owned(row: Row | None, account_id: int) -> Row:
    """`row` if it belongs to the account, else the 404 of a missing record."""
    if getattr(row, "account_id", None) != account_id:
        raise not_found()
    return found(row)


def new_token(length: int = 24) -> str:
    """A random token of `length` characters."""
    return secrets.token_hex(length)[:length]
