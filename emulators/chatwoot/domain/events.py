"""Which receivers hear of a change, and when the payload they get is built."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from emulators.chatwoot.delivery import ChannelName, Delivery, Gone, encode
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Actor, Bot, Contact, ContactInbox, Conversation, Inbox, Json, Message
from emulators.chatwoot.shapes import webhooks

Row = TypeVar("Row")
Build = Callable[[], Json]
Changes = list[Json] | None
SENDABLE = frozenset({"incoming", "outgoing", "template"})


class Announcement:
    """One event of one inbox (or of the account alone) and the ways out it may take."""

    def __init__(self, emu: Emulator, event: str, account_id: int, build: Build, **refs: int) -> None:
        self._emu = emu
        self._event = event
        self._account_id = account_id
        self._build = build
        self._refs = {"account": account_id, **refs}

    def to_account(self) -> None:
        """Post to the account webhooks that subscribed to it; the body is built when it is sent."""
        for hook in list(self._emu.state.webhooks.values()):
            if hook.account_id == self._account_id and self._event in hook.subscriptions:
                self._send("account", hook.url, hook.secret, self._late)

    def to_api_inbox(self, inbox: Inbox) -> None:
        """Post to the callback of an API inbox, which hears everything; built when it is sent."""
        if inbox.channel == "api" and inbox.webhook_url:
            self._send("api_inbox", inbox.webhook_url, inbox.secret, self._late)

    def to_bots(self, bots: Iterable[Bot]) -> None:
        """Post to agent bots what is true now: their listener runs inside the request."""
        body: bytes | None = None
        for bot in bots:
            if bot.outgoing_url:
                snapshot = body = body or encode(self._build())
                self._send("agent_bot", bot.outgoing_url, bot.secret, partial(bytes, snapshot))

    def _late(self) -> bytes:
        return encode(self._build())

    def _send(self, channel: ChannelName, url: str, secret: str | None, build: Callable[[], bytes]) -> None:
        self._emu.engine.enqueue(
            Delivery(channel=channel, event=self._event, url=url, secret=secret, build=build, refs=self._refs)
        )


def message(emu: Emulator, event: str, row: Message) -> None:
    """Announce `message_created` or `message_updated`; activities stay inside."""
    if row.message_type not in SENDABLE:
        return
    conversation = emu.state.conversations[row.conversation_id]

    def build() -> Json:
        return webhooks.message(emu, _alive(emu.state.messages, row.id), event)

    refs = {"message": row.id, "conversation": conversation.display_id}
    announcement = Announcement(emu, event, row.account_id, build, **refs)
    announcement.to_account()
    announcement.to_api_inbox(emu.state.inboxes[row.inbox_id])
    announcement.to_bots(bots_of(emu, conversation))


def conversation_created(emu: Emulator, row: Conversation) -> None:
    """Announce a new conversation: agent bots are not told."""
    announcement = _of_conversation(emu, row, "conversation_created")
    announcement.to_account()
    announcement.to_api_inbox(emu.state.inboxes[row.inbox_id])


def status_changed(emu: Emulator, row: Conversation, changes: Changes, *, hidden: bool = False) -> None:
    """Announce a new status: old event names for bots alone, then `conversation_status_changed`."""
    bots = bots_of(emu, row)
    if row.status in ("open", "resolved"):
        name = "conversation_opened" if row.status == "open" else "conversation_resolved"
        _of_conversation(emu, row, name).to_bots(bots)
    if hidden:
        return
    filled = changes if emu.config.status_changed_attributes == "filled" else None
    _with_changes(emu, row, "conversation_status_changed", filled, bots)


def conversation_updated(emu: Emulator, row: Conversation, changes: Changes) -> None:
    _with_changes(emu, row, "conversation_updated", changes, bots_of(emu, row))


def typing(emu: Emulator, row: Conversation, person: Actor, on: bool, private: bool) -> None:
    event = "conversation_typing_on" if on else "conversation_typing_off"

    def build() -> Json:
        return webhooks.typing(emu, _alive(emu.state.conversations, row.id), event, person, private)

    announcement = Announcement(emu, event, row.account_id, build, conversation=row.display_id)
    announcement.to_account()
    announcement.to_api_inbox(emu.state.inboxes[row.inbox_id])


def contact(emu: Emulator, event: str, row: Contact, changes: Changes = None) -> None:
    """Announce `contact_created` or `contact_updated`, to account webhooks alone."""
    extra: Json = {} if changes is None else {"changed_attributes": changes}

    def build() -> Json:
        return webhooks.contact(emu, _alive(emu.state.contacts, row.id), event) | extra

    Announcement(emu, event, row.account_id, build, contact=row.id).to_account()


def widget_opened(emu: Emulator, row: ContactInbox, current: Conversation | None, info: Json) -> None:
    inbox = emu.state.inboxes[row.inbox_id]

    def build() -> Json:
        return webhooks.widget_opened(emu, _alive(emu.state.contact_inboxes, row.id), current, info)

    announcement = Announcement(emu, "webwidget_triggered", inbox.account_id, build, contact_inbox=row.id)
    announcement.to_account()
    announcement.to_api_inbox(inbox)
    bot = emu.state.active_bot(inbox)
    announcement.to_bots([bot] if bot else [])


def bots_of(emu: Emulator, row: Conversation) -> list[Bot]:
    """The bot the conversation is assigned to and the active bot of its inbox, each once."""
    assigned = emu.state.bots.get(row.assignee_agent_bot_id or 0)
    active = emu.state.active_bot(emu.state.inboxes[row.inbox_id])
    return list({bot.id: bot for bot in (assigned, active) if bot}.values())


def _alive(table: Mapping[int, Row], number: int) -> Row:
    """The row as it is now; when it is gone its late delivery is dropped."""
    if number not in table:
        raise Gone
    return table[number]


def _of_conversation(emu: Emulator, row: Conversation, event: str) -> Announcement:
    def build() -> Json:
        return webhooks.conversation(emu, _alive(emu.state.conversations, row.id), event)

    return Announcement(emu, event, row.account_id, build, conversation=row.display_id)


def _with_changes(emu: Emulator, row: Conversation, event: str, changes: Changes, bots: list[Bot]) -> None:
    def build() -> Json:
        body = webhooks.conversation(emu, _alive(emu.state.conversations, row.id), event)
        return body | {"changed_attributes": changes}

    announcement = Announcement(emu, event, row.account_id, build, conversation=row.display_id)
    announcement.to_account()
    announcement.to_api_inbox(emu.state.inboxes[row.inbox_id])
    if emu.facts.bot_sees_changes:
        announcement.to_bots(bots)
