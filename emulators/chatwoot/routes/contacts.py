"""`/contacts` of the account API, for user tokens alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain import contacts, filters
from emulators.chatwoot.errors import unprocessable
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import Contact
from emulators.chatwoot.shapes import contacts as shapes
from emulators.chatwoot.shapes import conversations as conversation_shapes
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}/contacts")
PAGE = 15
CONVERSATIONS = 20
SORTS = frozenset(
    {"name", "email", "phone_number", "last_activity_at", "created_at", "company", "city", "country"}
)


@router.get("")
async def index(call: Annotated[Call, Depends(may("contacts#index"))]) -> Response:
    """Contacts that can be told apart: with e-mail, phone or identifier."""
    rows = [row for row in _own(call) if row.email or row.phone_number or row.identifier]
    if labels := call.params.get("labels"):
        rows = [row for row in rows if not set(labels).isdisjoint(row.labels)]
    return _page(call, rows)


@router.get("/search")
async def search(call: Annotated[Call, Depends(may("contacts#search"))]) -> Response:
    """Substring of name, e-mail, phone, identifier or company."""
    call.emu.throttle.count(f"search:{call.account.id}", call.emu.config.searches_per_minute)
    wanted = str(call.params.get("q") or "").strip().lower()
    if not wanted:
        raise unprocessable("Specify search string with parameter q")
    return _page(call, [row for row in _own(call) if any(wanted in text for text in _texts(row))])


@router.post("/filter")
async def filter_contacts(call: Annotated[Call, Depends(may("contacts#filter"))]) -> Response:
    wanted = params.parse(filters.Filter, call.params)
    return _page(call, filters.apply(call.emu, call.account.id, wanted))


@router.post("")
async def create(call: Annotated[Call, Depends(may("contacts#create"))]) -> Response:
    """Create a contact, with `inbox_id` also its address there."""
    emu, inbox_id = call.emu, params.number(call.params, "inbox_id")
    fields = params.parse(contacts.ContactFields, call.params)
    inbox = emu.state.inbox(call.account.id, inbox_id) if inbox_id is not None else None
    contact = contacts.create(emu, call.account.id, fields)
    payload: dict[str, Any] = {}
    if inbox:
        address = contacts.address(emu, contact, inbox, call.params.get("source_id"))
        payload["contact_inbox"] = shapes.address(emu, address)
    return reply({"payload": {"contact": shapes.rest(emu, contact), **payload}})


@router.get("/{contact_id}")
async def show(call: Annotated[Call, Depends(may("contacts#show"))], contact_id: int) -> Response:
    return _shown(call, call.emu.state.contact(call.account.id, contact_id))


@router.put("/{contact_id}")
@router.patch("/{contact_id}")
async def update(call: Annotated[Call, Depends(may("contacts#update"))], contact_id: int) -> Response:
    """Set what is named; custom and additional attributes are merged."""
    row = call.emu.state.contact(call.account.id, contact_id)
    contacts.update(call.emu, row, params.parse(contacts.ContactFields, call.params))
    return _shown(call, row)


@router.delete("/{contact_id}")
async def destroy(
    call: Annotated[Call, Depends(may("contacts#destroy", admin=True))], contact_id: int
) -> Response:
    call.emu.state.drop_contact(call.emu.state.contact(call.account.id, contact_id))
    return head()


@router.post("/{contact_id}/destroy_custom_attributes")
async def destroy_custom_attributes(
    call: Annotated[Call, Depends(may("contacts#destroy_custom_attributes"))], contact_id: int
) -> Response:
    row = call.emu.state.contact(call.account.id, contact_id)
    names = params.strings(call.params, "custom_attributes")
    kept = {key: value for key, value in row.custom_attributes.items() if key not in names}
    contacts.set_columns(call.emu, row, {"custom_attributes": kept})
    return _shown(call, row)


@router.get("/{contact_id}/conversations")
async def conversations(
    call: Annotated[Call, Depends(may("contacts#conversations"))], contact_id: int
) -> Response:
    """The newest 20, without paging."""
    row = call.emu.state.contact(call.account.id, contact_id)
    own = [c for c in call.emu.state.conversations_of(call.account.id) if c.contact_id == row.id]
    newest = sorted(own, key=lambda c: (-c.last_activity_at, -c.id))[:CONVERSATIONS]
    return reply({"payload": [conversation_shapes.rest(call.emu, item) for item in newest]})


@router.get("/{contact_id}/labels")
async def labels(call: Annotated[Call, Depends(may("contact_labels#index"))], contact_id: int) -> Response:
    return reply({"payload": call.emu.state.contact(call.account.id, contact_id).labels})


@router.post("/{contact_id}/labels")
async def set_labels(
    call: Annotated[Call, Depends(may("contact_labels#create"))], contact_id: int
) -> Response:
    """Replace the whole list."""
    row = call.emu.state.contact(call.account.id, contact_id)
    row.labels = list(dict.fromkeys(params.strings(call.params, "labels")))
    return reply({"payload": row.labels})


@router.post("/{contact_id}/contact_inboxes")
async def create_address(
    call: Annotated[Call, Depends(may("contact_inboxes#create"))], contact_id: int
) -> Response:
    """The contact's address in an inbox; one it has already is reused."""
    row = call.emu.state.contact(call.account.id, contact_id)
    inbox = call.emu.state.inbox(call.account.id, params.number(call.params, "inbox_id") or 0)
    address = contacts.address(call.emu, row, inbox, call.params.get("source_id"))
    return reply(shapes.address(call.emu, address))


@router.get("/{contact_id}/contactable_inboxes")
async def contactable(
    call: Annotated[Call, Depends(may("contacts#contactable_inboxes"))], contact_id: int
) -> Response:
    row = call.emu.state.contact(call.account.id, contact_id)
    addresses = call.emu.state.addresses(row)
    return reply({"payload": [shapes.address(call.emu, address) for address in addresses]})


def _own(call: Call) -> list[Contact]:
    return [row for row in call.emu.state.contacts.values() if row.account_id == call.account.id]


def _texts(row: Contact) -> list[str]:
    fields = (row.name, row.email, row.phone_number, row.identifier, row.additional_attributes.get("company"))
    return [str(text).lower() for text in fields if text]


def _page(call: Call, rows: list[Contact]) -> Response:
    page = max(params.number(call.params, "page") or 1, 1)
    shown = _sorted(call, rows)[(page - 1) * PAGE : page * PAGE]
    payload = [shapes.rest(call.emu, row) for row in shown]
    return reply({"meta": {"count": len(rows), "current_page": page}, "payload": payload})


def _sorted(call: Call, rows: list[Contact]) -> list[Contact]:
    given = str(call.params.get("sort") or "")
    key, descending = given.removeprefix("-"), given.startswith("-")
    if key not in SORTS:
        return rows
    return sorted(rows, key=lambda row: _sort_value(row, key), reverse=descending)


def _sort_value(row: Contact, key: str) -> tuple[bool, Any]:
    """Rows without the value come last when ascending."""
    value = row.additional_attributes.get(key) if key in ("company", "city", "country") else getattr(row, key)
    return value is None, value if isinstance(value, float) else str(value or "").lower()


def _shown(call: Call, row: Contact) -> Response:
    return reply({"payload": shapes.rest(call.emu, row)})
