"""Acting as the people: the customer at the other end and the agent at the desk."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators.chatwoot.domain import contacts, conversations, events, messages
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import unprocessable
from emulators.chatwoot.rows import (
    STATUSES,
    Account,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Json,
    Message,
    User,
)
from emulators.chatwoot.state import found

ActionName = Literal[
    "start",
    "open_widget",
    "say",
    "click",
    "submit",
    "email",
    "rate",
    "place",
    "card",
    "typing",
    "agent_reply",
    "private_note",
    "take_over",
    "assign",
    "unassign",
    "resolve",
    "reopen",
    "pending",
    "snooze",
]


class Action(BaseModel):
    """One thing a person does; which fields count depends on `action`.

    `inbox` is an inbox id (default: the account's first), `conversation` a display id, `user` an agent's id
    (default: the first agent), `count` how often `say` says it.
    """

    model_config = ConfigDict(extra="forbid")

    action: ActionName
    account: int | None = None
    inbox: int | None = None
    conversation: int | None = None
    contact: int | None = None
    user: int | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    message: str | None = None
    text: str | None = None
    count: int = Field(1, ge=1, le=1_000)
    value: str | None = None
    title: str | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    rating: int = Field(5, ge=1, le=5)
    latitude: float = Field(0.0, ge=-90, le=90)
    longitude: float = Field(0.0, ge=-180, le=180)


def perform(emu: Emulator, action: Action) -> Json:
    """Do it and say what came of it; raises the API's refusals."""
    account = _account(emu, action)
    if action.action in ("start", "open_widget"):
        return _STARTS[action.action](emu, account, action)
    row = emu.state.conversation(account.id, action.conversation or 0)
    message = _IN_CONVERSATION[action.action](emu, row, action)
    done = {"conversationId": row.display_id, "status": row.status}
    return done | ({"messageId": message.id} if message else {})


def _account(emu: Emulator, action: Action) -> Account:
    number = action.account or next(iter(emu.state.accounts), 0)
    return found(emu.state.accounts.get(number))


def _inbox(emu: Emulator, account: Account, action: Action) -> Inbox:
    if action.inbox:
        return emu.state.inbox(account.id, action.inbox)
    return found(next((row for row in emu.state.inboxes.values() if row.account_id == account.id), None))


def _agent(emu: Emulator, row: Conversation, action: Action) -> User:
    users = emu.state.users_of(row.account_id)
    if action.user:
        return found(next((user for user in users if user.id == action.user), None))
    return found(next((user for user in users if user.role == "agent"), None) or next(iter(users), None))


def _person(emu: Emulator, account: Account, action: Action) -> Contact:
    """A known contact by id or phone number, else a new one: the same person may start twice."""
    if action.contact:
        return emu.state.contact(account.id, action.contact)
    rows = (row for row in emu.state.contacts.values() if row.account_id == account.id)
    known = next((row for row in rows if action.phone and row.phone_number == action.phone), None)
    if known:
        return known
    fields = contacts.ContactFields(name=action.name, email=action.email, phone_number=action.phone)
    return contacts.create(emu, account.id, fields)


def _start(emu: Emulator, account: Account, action: Action) -> Json:
    inbox = _inbox(emu, account, action)
    address = contacts.address(emu, _person(emu, account, action), inbox)
    row = conversations.existing(emu, address) or conversations.create(emu, address)
    text = action.message or action.text
    message = messages.receive(emu, row, messages.Draft(content=text), _contact(emu, row)) if text else None
    started = _whereabouts(address) | {"conversationId": row.display_id}
    return started | ({"messageId": message.id} if message else {})


def _open_widget(emu: Emulator, account: Account, action: Action) -> Json:
    address = contacts.address(emu, _person(emu, account, action), _inbox(emu, account, action))
    info = {"initiated_at": {"timestamp": emu.now()}, "referer": "https://shop.example"} | action.values
    events.widget_opened(emu, address, None, info)
    return _whereabouts(address)


def _whereabouts(address: ContactInbox) -> Json:
    return {
        "sourceId": address.source_id,
        "contactId": address.contact_id,
        "contactInboxId": address.id,
        "inboxId": address.inbox_id,
    }


def _contact(emu: Emulator, row: Conversation) -> Contact:
    return emu.state.contacts[row.contact_id]


def _say(emu: Emulator, row: Conversation, action: Action) -> Message:
    draft = messages.Draft(content=action.text)
    said = [messages.receive(emu, row, draft, _contact(emu, row)) for _ in range(action.count)]
    return said[-1]


def _click(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Pick an option of the newest menu that offers it."""
    for message in _asking(emu, row, "input_select"):
        for item in message.content_attributes["items"]:
            if action.value == item.get("value") or (action.title and action.title == item.get("title")):
                chosen = {"title": item.get("title"), "value": item.get("value")}
                messages.answer(emu, message, submitted_values=[chosen])
                return message
    raise unprocessable("No menu of this conversation offers that option")


def _submit(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Fill in the newest form; every name must be one of its fields."""
    message = _newest(emu, row, "form")
    names = [item.get("name") for item in message.content_attributes["items"]]
    if unknown := [name for name in action.values if name not in names]:
        raise unprocessable(f"The form has no field {unknown[0]}")
    filled = [{"name": name, "value": action.values[name]} for name in names if name in action.values]
    messages.answer(emu, message, submitted_values=filled)
    return message


def _email(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Answer the newest request for an address; the contact gets it too."""
    message = _newest(emu, row, "input_email")
    fields = contacts.ContactFields(email=action.email or action.text)
    contacts.update(emu, _contact(emu, row), fields)
    messages.answer(emu, message, submitted_email=fields.email)
    return message


def _rate(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Answer the newest survey."""
    message = _newest(emu, row, "input_csat")
    response = {"rating": action.rating, "feedback_message": action.text or ""}
    messages.answer(emu, message, submitted_values={"csat_survey_response": response})
    return message


def _place(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Send where one is, as messengers do: no file, but coordinates."""
    link = f"https://maps.example/?q={action.latitude},{action.longitude}"
    told = {
        "coordinates_lat": action.latitude,
        "coordinates_long": action.longitude,
        "fallback_title": action.title or "",
    }
    return messages.receive_told(emu, row, "location", told, link, _contact(emu, row))


def _card(emu: Emulator, row: Conversation, action: Action) -> Message:
    """Send somebody's card: the number, and the name where there is one."""
    meta = {"firstName": action.name} if action.name else {}
    told = {"fallback_title": action.phone or "", "meta": meta}
    return messages.receive_told(emu, row, "contact", told, "", _contact(emu, row))


def _asking(emu: Emulator, row: Conversation, content_type: str) -> list[Message]:
    return [m for m in reversed(emu.state.thread(row)) if m.content_type == content_type]


def _newest(emu: Emulator, row: Conversation, content_type: str) -> Message:
    asking = _asking(emu, row, content_type)
    if not asking:
        raise unprocessable(f"No {content_type} in this conversation")
    return asking[0]


def _typing(emu: Emulator, row: Conversation, action: Action) -> None:
    events.typing(emu, row, _contact(emu, row), action.text != "off", private=False)


def _reply(emu: Emulator, row: Conversation, action: Action) -> Message:
    return messages.create(emu, row, messages.Draft(content=action.text), _agent(emu, row, action))


def _note(emu: Emulator, row: Conversation, action: Action) -> Message:
    draft = messages.Draft(content=action.text, private=True)
    return messages.create(emu, row, draft, _agent(emu, row, action))


def _take_over(emu: Emulator, row: Conversation, action: Action) -> None:
    """An agent makes it theirs: assigned first, then opened."""
    agent = _agent(emu, row, action)
    conversations.assign(emu, row, agent, agent)
    conversations.change(emu, row, agent, status="open")


def _assign(emu: Emulator, row: Conversation, action: Action) -> None:
    agent = _agent(emu, row, action)
    conversations.assign(emu, row, agent, agent)


def _unassign(emu: Emulator, row: Conversation, action: Action) -> None:
    conversations.assign(emu, row, _agent(emu, row, action), None)


def _status(emu: Emulator, row: Conversation, action: Action) -> None:
    status = {"resolve": "resolved", "reopen": "open", "snooze": "snoozed"}.get(action.action, action.action)
    assert status in STATUSES
    conversations.change(emu, row, _agent(emu, row, action), status=status)


_STARTS: dict[str, Callable[[Emulator, Account, Action], Json]] = {
    "start": _start,
    "open_widget": _open_widget,
}
_IN_CONVERSATION: dict[str, Callable[[Emulator, Conversation, Action], Message | None]] = {
    "say": _say,
    "click": _click,
    "submit": _submit,
    "email": _email,
    "rate": _rate,
    "place": _place,
    "card": _card,
    "typing": _typing,
    "agent_reply": _reply,
    "private_note": _note,
    "take_over": _take_over,
    "assign": _assign,
    "unassign": _unassign,
    "resolve": _status,
    "reopen": _status,
    "pending": _status,
    "snooze": _status,
}
