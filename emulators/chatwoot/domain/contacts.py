"""Contacts and their addresses: validation, uniqueness, merging."""

import re
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from emulators.chatwoot.domain import events
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid, unprocessable
from emulators.chatwoot.rows import Contact, ContactInbox, Inbox, Json
from emulators.chatwoot.state import new_token
from emulators.chatwoot.times import iso

PHONE = re.compile(r"\+[1-9]\d{1,14}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
UNIQUE = (("email", "Email"), ("identifier", "Identifier"), ("phone_number", "Phone number"))

NULLABLE = frozenset({"email", "phone_number", "identifier"})


class ContactFields(BaseModel):
    """The columns a caller may set; only those named in the request count as set."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    blocked: bool = False
    additional_attributes: dict[str, Any] | None = None
    custom_attributes: dict[str, Any] | None = None

    @field_validator("email", "phone_number", "identifier", mode="after")
    @classmethod
    def _blank_is_none(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("email", mode="after")
    @classmethod
    def _lower(cls, value: str | None) -> str | None:
        return value.lower() if value else None

    def named(self) -> Json:
        """The columns of the request; a null attribute object means "leave it"."""
        values = self.model_dump(exclude_unset=True)
        if "name" in values:
            values["name"] = values["name"] or ""
        return {key: value for key, value in values.items() if value is not None or key in NULLABLE}


def create(emu: Emulator, account_id: int, fields: ContactFields) -> Contact:
    """Store a contact; raises `Invalid` when a format or a uniqueness rule is broken."""
    values, now = fields.named(), emu.now()
    _validate(emu, account_id, values, None)
    emu.state.make_room()
    number = emu.sequences.take("contact")
    row = Contact(id=number, account_id=account_id, created_at=now, updated_at=now, **values)
    emu.state.contacts[row.id] = row
    events.contact(emu, "contact_created", row)
    return row


def update(emu: Emulator, row: Contact, fields: ContactFields) -> None:
    """Set the named columns; attribute objects are merged, one level deep."""
    values = fields.named()
    for key in ("custom_attributes", "additional_attributes"):
        if key in values:
            values[key] = getattr(row, key) | values[key]
    _validate(emu, row.account_id, values, row)
    set_columns(emu, row, values)


def set_columns(emu: Emulator, row: Contact, values: Json) -> None:
    """Set columns as they are; announce `contact_updated` when something changed."""
    before = {key: getattr(row, key) for key, value in values.items() if getattr(row, key) != value}
    if not before:
        return
    before["updated_at"] = row.updated_at
    for key, value in (values | {"updated_at": emu.now()}).items():
        setattr(row, key, value)
    events.contact(emu, "contact_updated", row, [_change(row, key, old) for key, old in before.items()])


def address(
    emu: Emulator, contact: Contact, inbox: Inbox, source_id: str | None = None, *, verified: bool = False
) -> ContactInbox:
    """The contact's address in the inbox: an existing one is reused, a foreign one is refused."""
    wanted = source_id or _natural_source(contact, inbox)
    taken = emu.state.address(inbox.id, wanted) if wanted else None
    if taken and taken.contact_id != contact.id:
        raise unprocessable("source_id should be unique")
    known = taken or (None if wanted else _first_address(emu, contact, inbox))
    return known or _new_address(emu, contact, inbox, wanted or str(uuid.uuid4()), verified)


def _new_address(
    emu: Emulator, contact: Contact, inbox: Inbox, source_id: str, verified: bool
) -> ContactInbox:
    now = emu.now()
    row = ContactInbox(
        id=emu.sequences.take("contact_inbox"),
        contact_id=contact.id,
        inbox_id=inbox.id,
        source_id=source_id,
        pubsub_token=new_token(),
        created_at=now,
        updated_at=now,
        hmac_verified=verified,
    )
    emu.state.add_address(row)
    return row


def _natural_source(contact: Contact, inbox: Inbox) -> str | None:
    """Phone channels address a contact by number; the others invent a UUID."""
    if inbox.channel not in ("sms", "whatsapp"):
        return None
    if contact.phone_number is None:
        raise unprocessable("contact phone number required")
    return contact.phone_number if inbox.channel == "sms" else contact.phone_number.removeprefix("+")


def _first_address(emu: Emulator, contact: Contact, inbox: Inbox) -> ContactInbox | None:
    rows = (row for row in emu.state.addresses(contact) if row.inbox_id == inbox.id)
    return next(rows, None)


def _validate(emu: Emulator, account_id: int, values: Json, own: Contact | None) -> None:
    problems = []
    if (email := values.get("email")) and not EMAIL.fullmatch(email):
        problems.append(("email", "Email Invalid email"))
    if (phone := values.get("phone_number")) and not PHONE.fullmatch(phone):
        problems.append(("phone_number", "Phone number should be in e164 format"))
    for key, label in UNIQUE:
        if (value := values.get(key)) and _taken(emu, account_id, key, value, own):
            problems.append((key, f"{label} has already been taken"))
    if problems:
        raise Invalid(*problems)


def _taken(emu: Emulator, account_id: int, key: str, value: str, own: Contact | None) -> bool:
    others = (row for row in emu.state.contacts.values() if getattr(row, key) == value)
    return any(row.account_id == account_id and row is not own for row in others)


def _change(row: Contact, key: str, old: Any) -> Json:
    new = getattr(row, key)
    if key.endswith("_at"):
        old, new = iso(old), iso(new)
    return {key: {"previous_value": old, "current_value": new}}
