"""`/conversations` of the account API: create, show, list and every toggle."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain import contacts, conversations, events, filters, listing, messages
from emulators.chatwoot.errors import ApiError, not_found, unprocessable
from emulators.chatwoot.replies import head
from emulators.chatwoot.routes.messages import as_refusal
from emulators.chatwoot.rows import (
    PRIORITIES,
    STATUSES,
    Bot,
    ContactInbox,
    Conversation,
    Json,
    Status,
    User,
)
from emulators.chatwoot.shapes import conversations as shapes
from emulators.chatwoot.shapes import messages as message_shapes
from emulators.chatwoot.times import iso, moment
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}/conversations")
PAGE, FILES = 25, 100


@router.get("")
async def index(call: Annotated[Call, Depends(may("conversations#index"))]) -> Response:
    """25 a page, newest activity first; `status` defaults to open."""
    rows = _matching(call)
    return reply({"data": {"meta": _counts(call, rows), "payload": _page(call, _assigned(call, rows))}})


@router.get("/meta")
async def meta(call: Annotated[Call, Depends(may("conversations#meta"))]) -> Response:
    return reply({"meta": _counts(call, _matching(call))})


@router.post("/filter")
async def filter_conversations(call: Annotated[Call, Depends(may("conversations#filter"))]) -> Response:
    """`{"payload": [condition]}`; unlike the list it wraps nothing in `data`."""
    rows = listing.filtered(call.emu, call.account.id, params.parse(filters.Filter, call.params))
    return reply({"meta": _counts(call, rows), "payload": _page(call, rows)})


@router.post("")
async def create(call: Annotated[Call, Depends(may("conversations#create"))]) -> Response:
    """Start a conversation, with `message` together with its first message: both or neither."""
    address = _address(call)
    inbox = call.emu.state.inboxes[address.inbox_id]
    first = call.params.get("message")
    draft = params.parse(messages.Draft, first) if isinstance(first, dict) and first else None
    with as_refusal():
        if draft:
            messages.check(inbox, draft)
        row = conversations.existing(call.emu, address) or _new(call, address)
        if draft:
            messages.create(call.emu, row, draft, call.caller)
    return reply(shapes.rest(call.emu, row))


@router.get("/{conversation_id}")
async def show(call: Annotated[Call, Depends(may("conversations#show"))], conversation_id: int) -> Response:
    return reply(shapes.rest(call.emu, _row(call, conversation_id)))


@router.patch("/{conversation_id}")
async def update(
    call: Annotated[Call, Depends(may("conversations#update"))], conversation_id: int
) -> Response:
    """Set the priority; nothing else is permitted here."""
    row = _row(call, conversation_id)
    if "priority" in call.params:
        conversations.change(call.emu, row, call.caller, priority=_priority(call))
    return reply(shapes.rest(call.emu, row))


@router.post("/{conversation_id}/toggle_status")
async def toggle_status(
    call: Annotated[Call, Depends(may("conversations#toggle_status"))], conversation_id: int
) -> Response:
    """Set a status or flip open and resolved; a bot's `open` on pending is the handoff."""
    row, wanted = _row(call, conversation_id), call.params.get("status")
    bot, success = isinstance(call.caller, Bot), True
    if bot and row.status == "pending" and wanted == "open":
        conversations.hand_off(call.emu, row, call.caller)
        success = False
    elif wanted:
        until = _snoozed_until(call)
        conversations.change(call.emu, row, call.caller, status=_status(str(wanted)), snoozed_until=until)
    else:
        status = "resolved" if row.status == "open" else "open"
        conversations.change(call.emu, row, call.caller, status=status)
    if row.status == "open" and isinstance(call.caller, User):
        conversations.human_open(call.emu, row, call.caller)
    return reply({"payload": _toggled(row, success=success)})


@router.post("/{conversation_id}/toggle_priority")
async def toggle_priority(
    call: Annotated[Call, Depends(may("conversations#toggle_priority"))], conversation_id: int
) -> Response:
    row = _row(call, conversation_id)
    conversations.change(call.emu, row, call.caller, priority=_priority(call))
    return head()


@router.post("/{conversation_id}/toggle_typing_status")
async def toggle_typing_status(
    call: Annotated[Call, Depends(may("conversations#toggle_typing_status"))], conversation_id: int
) -> Response:
    row, status = _row(call, conversation_id), call.params.get("typing_status")
    if status in ("on", "off"):
        private = params.flag(call.params, "is_private")
        events.typing(call.emu, row, call.caller, status == "on", private)
    return head()


@router.post("/{conversation_id}/custom_attributes")
async def custom_attributes(
    call: Annotated[Call, Depends(may("conversations#custom_attributes"))], conversation_id: int
) -> Response:
    """Replace the whole object; newer releases merge when asked to."""
    row, given = _row(call, conversation_id), params.mapping(call.params, "custom_attributes")
    merge = call.emu.facts.attribute_merge and params.flag(call.params, "merge")
    values = row.custom_attributes | given if merge else given
    conversations.change(call.emu, row, call.caller, custom_attributes=values)
    return reply({"custom_attributes": row.custom_attributes})


@router.post("/{conversation_id}/destroy_custom_attributes")
async def destroy_custom_attributes(
    call: Annotated[Call, Depends(may("conversations#destroy_custom_attributes"))], conversation_id: int
) -> Response:
    if not call.emu.facts.attribute_merge:
        raise not_found()
    row, names = _row(call, conversation_id), params.strings(call.params, "custom_attributes")
    values = {key: value for key, value in row.custom_attributes.items() if key not in names}
    conversations.change(call.emu, row, call.caller, custom_attributes=values)
    return reply({"custom_attributes": row.custom_attributes})


@router.post("/{conversation_id}/transcript")
async def transcript(
    call: Annotated[Call, Depends(may("conversations#transcript"))], conversation_id: int
) -> Response:
    """Mail it to `email`: here nothing but the answer; the account may do so `transcripts_per_hour`."""
    config = call.emu.config
    call.emu.throttle.count(f"mail:{call.account.id}", config.transcripts_per_hour, seconds=3_600)
    _row(call, conversation_id)
    if not call.params.get("email"):
        raise unprocessable("email param missing")
    return head()


@router.get("/{conversation_id}/attachments")
async def attachments(
    call: Annotated[Call, Depends(may("conversations#attachments"))], conversation_id: int
) -> Response:
    """Files of the conversation, the newest first, 100 a page."""
    thread = call.emu.state.thread(_row(call, conversation_id))
    files = [(message, file) for message in reversed(thread) for file in message.attachments]
    page = max(params.number(call.params, "page") or 1, 1)
    shown = files[(page - 1) * FILES : page * FILES]
    payload = [message_shapes.stored(call.emu, message, file) for message, file in shown]
    return reply({"meta": {"total_count": len(files)}, "payload": payload})


@router.post("/{conversation_id}/{action}")
async def simple_action(
    call: Annotated[Call, Depends(may("conversations#simple_action"))], conversation_id: int, action: str
) -> Response:
    """`mute`, `unmute`, `update_last_seen` and `unread`."""
    row, now = _row(call, conversation_id), call.emu.now()
    if action in ("mute", "unmute"):
        row.muted = action == "mute"
        if row.muted:
            conversations.change(call.emu, row, call.caller, status="resolved")
    elif action == "update_last_seen":
        row.agent_last_seen_at = row.assignee_last_seen_at = now
    elif action == "unread":
        row.agent_last_seen_at = row.assignee_last_seen_at = None
    else:
        raise not_found()
    return head()


def _page(call: Call, rows: list[Conversation]) -> list[Json]:
    page = max(params.number(call.params, "page") or 1, 1)
    return [shapes.rest(call.emu, row) for row in rows[(page - 1) * PAGE : page * PAGE]]


def _row(call: Call, conversation_id: int) -> Conversation:
    return call.emu.state.conversation(call.account.id, conversation_id)


def _address(call: Call) -> ContactInbox:
    """By inbox and contact, or (the old way) by the source id alone."""
    emu, source_id = call.emu, call.params.get("source_id")
    inbox_id, contact_id = (params.number(call.params, key) for key in ("inbox_id", "contact_id"))
    inbox = emu.state.inbox(call.account.id, inbox_id) if inbox_id is not None else None
    contact = emu.state.contact(call.account.id, contact_id) if contact_id is not None else None
    if inbox and contact:
        return contacts.address(emu, contact, inbox, str(source_id) if source_id else None)
    for row in emu.state.contact_inboxes.values():
        if row.source_id == source_id and emu.state.inboxes[row.inbox_id].account_id == call.account.id:
            return row
    raise not_found()


def _new(call: Call, address: ContactInbox) -> Conversation:
    given, status = call.params, call.params.get("status")
    fields: Json = {key: params.number(given, key) for key in ("assignee_id", "team_id")}
    for key in ("additional_attributes", "custom_attributes"):
        if isinstance(given.get(key), dict):
            fields[key] = given[key]
    return conversations.create(
        call.emu,
        address,
        status=_status(str(status)) if status else None,
        snoozed_until=_snoozed_until(call),
        **fields,
    )


def _status(text: str) -> Status:
    for status in STATUSES:
        if status == text:
            return status
    raise ApiError(500, {"error": f"'{text}' is not a valid status"})


def _snoozed_until(call: Call) -> float | None:
    given = call.params.get("snoozed_until")
    if not given:
        return None
    until = moment(str(given))
    if until is None:
        raise unprocessable("snoozed_until is neither ISO text nor unix seconds")
    return until


def _priority(call: Call) -> str | None:
    """A priority or None; what "none" does is unverified."""
    priority = call.params.get("priority") or None
    if priority == "none" and call.emu.config.priority_none == "clear":
        return None
    if priority is not None and priority not in PRIORITIES:
        raise ApiError(500, {"error": f"'{priority}' is not a valid priority"})
    return priority


def _toggled(row: Conversation, *, success: bool) -> Json:
    """The handoff leaves `success` null."""
    return {
        "success": True if success else None,
        "conversation_id": row.display_id,
        "current_status": row.status,
        "snoozed_until": iso(row.snoozed_until),
    }


def _matching(call: Call) -> list[Conversation]:
    given, status = call.params, call.params.get("status", "open")
    inbox_id, team_id = params.number(given, "inbox_id"), params.number(given, "team_id")
    rows = [row for row in call.emu.state.conversations_of(call.account.id) if status in ("all", row.status)]
    if inbox_id is not None:
        rows = [row for row in rows if row.inbox_id == inbox_id]
    if team_id is not None:
        rows = [row for row in rows if row.team_id == team_id]
    if labels := given.get("labels"):
        rows = [row for row in rows if not set(labels).isdisjoint(row.label_list)]
    if given.get("q"):
        rows = listing.mention(call.emu, rows, str(given["q"]))
    return listing.newest_first(rows)


def _assigned(call: Call, rows: list[Conversation]) -> list[Conversation]:
    kind = call.params.get("assignee_type", "all")
    if kind == "me":
        return [row for row in rows if row.assignee_id == call.caller.id]
    if kind in ("assigned", "unassigned"):
        return [row for row in rows if bool(row.assignee_id) == (kind == "assigned")]
    return rows


def _counts(call: Call, rows: list[Conversation]) -> dict[str, int]:
    assigned = [row for row in rows if row.assignee_id]
    return {
        "mine_count": sum(row.assignee_id == call.caller.id for row in assigned),
        "assigned_count": len(assigned),
        "unassigned_count": len(rows) - len(assigned),
        "all_count": len(rows),
    }
