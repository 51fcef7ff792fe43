"""The public client API: the customer of an API inbox, without a token."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import emulator_of
from emulators.chatwoot.domain import contacts, conversations, events, messages
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import not_found, unauthorized
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import Contact, ContactInbox, Conversation, Inbox, Json
from emulators.chatwoot.shapes import conversations as shapes
from emulators.chatwoot.shapes import messages as message_shapes
from emulators.chatwoot.signing import identifier_hash
from emulators.chatwoot.state import found
from emulators.common.replies import reply

router = APIRouter(prefix="/public/api/v1/inboxes/{inbox_identifier}")
PAGE = 20


@dataclass(slots=True)
class Door:
    """An API inbox as its client found it."""

    emu: Emulator
    inbox: Inbox
    params: Json


@dataclass(slots=True)
class Visit:
    """A customer who is known in the inbox."""

    emu: Emulator
    inbox: Inbox
    address: ContactInbox
    contact: Contact
    params: Json


@dataclass(slots=True)
class Talk:
    """One of the customer's conversations."""

    visit: Visit
    row: Conversation


async def _door(request: Request, inbox_identifier: str) -> Door:
    emu = emulator_of(request)
    request.state.caller_kind = "public"
    rows = (row for row in emu.state.inboxes.values() if row.identifier == inbox_identifier)
    inbox = found(next((row for row in rows if row.channel == "api"), None))
    return Door(emu, inbox, await params.read(request))


async def _visit(door: Annotated[Door, Depends(_door)], source_id: str) -> Visit:
    address = found(door.emu.state.address(door.inbox.id, source_id))
    return Visit(door.emu, door.inbox, address, door.emu.state.contacts[address.contact_id], door.params)


async def _talk(visit: Annotated[Visit, Depends(_visit)], conversation_id: int) -> Talk:
    row = visit.emu.state.conversation(visit.inbox.account_id, conversation_id)
    if row.contact_inbox_id != visit.address.id:
        raise not_found()
    return Talk(visit, row)


AtDoor = Annotated[Door, Depends(_door)]
Visiting = Annotated[Visit, Depends(_visit)]
Talking = Annotated[Talk, Depends(_talk)]


@router.post("/contacts")
async def create_contact(door: AtDoor) -> Response:
    """Introduce a customer: found again by `source_id`, then by `identifier`, e-mail or phone."""
    verified = _verified(door)
    fields = params.parse(contacts.ContactFields, door.params)
    source_id = door.params.get("source_id")
    known = door.emu.state.address(door.inbox.id, source_id) if source_id else None
    contact = door.emu.state.contacts[known.contact_id] if known else _same_person(door, fields)
    contact = contact or contacts.create(door.emu, door.inbox.account_id, fields)
    address = contacts.address(door.emu, contact, door.inbox, source_id, verified=verified)
    return reply(_contact(Visit(door.emu, door.inbox, address, contact, door.params)))


@router.get("/contacts/{source_id}")
async def show_contact(visit: Visiting) -> Response:
    return reply(_contact(visit))


@router.patch("/contacts/{source_id}")
async def update_contact(visit: Visiting) -> Response:
    contacts.update(visit.emu, visit.contact, params.parse(contacts.ContactFields, visit.params))
    return reply(_contact(visit))


@router.post("/contacts/{source_id}/conversations")
async def create_conversation(visit: Visiting) -> Response:
    row = conversations.existing(visit.emu, visit.address)
    custom = visit.params.get("custom_attributes")
    attributes = custom if isinstance(custom, dict) else {}
    row = row or conversations.create(visit.emu, visit.address, custom_attributes=attributes)
    return reply(shapes.public(visit.emu, row))


@router.get("/contacts/{source_id}/conversations")
async def list_conversations(visit: Visiting) -> Response:
    rows = visit.emu.state.conversations_of(visit.inbox.account_id)
    return reply([shapes.public(visit.emu, r) for r in rows if r.contact_inbox_id == visit.address.id])


@router.get("/contacts/{source_id}/conversations/{conversation_id}")
async def show_conversation(talk: Talking) -> Response:
    return reply(shapes.public(talk.visit.emu, talk.row))


@router.post("/contacts/{source_id}/conversations/{conversation_id}/toggle_status")
async def toggle_status(talk: Talking) -> Response:
    """The customer may only resolve."""
    if talk.row.status != "resolved":
        conversations.change(talk.visit.emu, talk.row, None, status="resolved")
    return reply(shapes.public(talk.visit.emu, talk.row))


@router.post("/contacts/{source_id}/conversations/{conversation_id}/toggle_typing")
async def toggle_typing(talk: Talking) -> Response:
    on = talk.visit.params.get("typing_status") == "on"
    events.typing(talk.visit.emu, talk.row, talk.visit.contact, on, private=False)
    return head()


@router.post("/contacts/{source_id}/conversations/{conversation_id}/update_last_seen")
async def update_last_seen(talk: Talking) -> Response:
    talk.row.contact_last_seen_at = talk.visit.emu.now()
    return head()


@router.post("/contacts/{source_id}/conversations/{conversation_id}/messages")
async def create_message(talk: Talking) -> Response:
    """Write as the customer: `content`, `echo_id`, `attachments[]`."""
    emu, draft = talk.visit.emu, params.parse(messages.Draft, talk.visit.params)
    # The client names neither type nor sender, whatever it puts in the body.
    own = messages.Draft(content=draft.content, attachments=draft.attachments)
    message = messages.receive(emu, talk.row, own, talk.visit.contact)
    echo = {} if draft.echo_id is None else {"echo_id": draft.echo_id}
    return reply(message_shapes.public(emu, message) | echo)


@router.get("/contacts/{source_id}/conversations/{conversation_id}/messages")
async def list_messages(talk: Talking) -> Response:
    """The newest 20 public messages, or those before `before`."""
    before = params.number(talk.visit.params, "before")
    thread = talk.visit.emu.state.thread(talk.row)
    shown = [m for m in thread if not m.private and m.message_type != "activity"]
    earlier = [m for m in shown if before is None or m.id < before]
    return reply([message_shapes.public(talk.visit.emu, message) for message in earlier[-PAGE:]])


@router.patch("/contacts/{source_id}/conversations/{conversation_id}/messages/{message_id}")
async def answer_message(talk: Talking, message_id: int) -> Response:
    """Store `submitted_values`, each with `name`, `title` and `value` alone."""
    emu = talk.visit.emu
    message = found(next((m for m in emu.state.thread(talk.row) if m.id == message_id), None))
    submitted = talk.visit.params.get("submitted_values")
    if isinstance(submitted, list):
        kept = [_permitted(item) for item in submitted if isinstance(item, dict)]
        messages.answer(emu, message, submitted_values=kept)
    return reply(message_shapes.public(emu, message))


def _permitted(item: Json) -> Json:
    return {key: item[key] for key in ("name", "title", "value") if key in item}


def _same_person(door: Door, fields: contacts.ContactFields) -> Contact | None:
    rows = [row for row in door.emu.state.contacts.values() if row.account_id == door.inbox.account_id]
    for key in ("identifier", "email", "phone_number"):
        value = getattr(fields, key)
        match = next((row for row in rows if value and getattr(row, key) == value), None)
        if match:
            return match
    return None


def _verified(door: Door) -> bool:
    """Whether the identifier is proven; a wrong or missing proof is refused where it is asked for."""
    given = door.params.get("identifier_hash")
    if given is None and not door.inbox.hmac_mandatory:
        return False
    identifier = str(door.params.get("identifier") or "")
    expected = identifier_hash(door.inbox.hmac_token, identifier)
    if not hmac.compare_digest(expected, str(given)):
        raise unauthorized("HMAC failed: Invalid Identifier Hash Provided")
    return True


def _contact(visit: Visit) -> Json:
    return {
        "source_id": visit.address.source_id,
        "pubsub_token": visit.address.pubsub_token,
        "id": visit.contact.id,
        "name": visit.contact.name,
        "email": visit.contact.email,
        "phone_number": visit.contact.phone_number,
    }
