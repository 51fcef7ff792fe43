"""`/conversations/{id}/messages` of the account API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain import messages
from emulators.chatwoot.errors import ApiError, Invalid, unprocessable
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import MESSAGE_STATUSES, Conversation, Json, Message
from emulators.chatwoot.shapes import conversations as conversation_shapes
from emulators.chatwoot.shapes import messages as shapes
from emulators.chatwoot.shapes import people
from emulators.chatwoot.state import found
from emulators.chatwoot.times import unix
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages")
LATEST, AFTER, BETWEEN = 20, 100, 1_000


@contextmanager
def as_refusal() -> Iterator[None]:
    """The create action rescues every error into one 422."""
    try:
        yield
    except messages.Refused as refusal:
        raise unprocessable(str(refusal)) from refusal
    except Invalid as invalid:
        raise unprocessable(f"Validation failed: {invalid}") from invalid


@router.post("")
async def create(call: Annotated[Call, Depends(may("messages#create"))], conversation_id: int) -> Response:
    row = call.emu.state.conversation(call.account.id, conversation_id)
    with as_refusal():
        draft = params.parse(messages.Draft, call.params)
        message = messages.create(call.emu, row, draft, call.caller)
    return reply(shapes.rest(call.emu, message, draft.echo_id))


@router.get("")
async def index(call: Annotated[Call, Depends(may("messages#index"))], conversation_id: int) -> Response:
    """A window of the conversation: the latest, before an id, after an id, or between two."""
    row = call.emu.state.conversation(call.account.id, conversation_id)
    window = _window(call.emu.state.thread(row), call.params)
    payload = [shapes.rest(call.emu, message) for message in window]
    return reply({"meta": _meta(call, row), "payload": payload})


@router.patch("/{message_id}")
async def update(
    call: Annotated[Call, Depends(may("messages#update"))], conversation_id: int, message_id: int
) -> Response:
    """Report a delivery `status`, in API inboxes alone."""
    message = _message(call, conversation_id, message_id)
    if call.emu.state.inboxes[message.inbox_id].channel != "api":
        raise ApiError(403, {"error": "Message status update is only allowed for API inboxes"})
    status = call.params.get("status")
    if status not in MESSAGE_STATUSES:
        raise unprocessable(f"'{status}' is not a valid status")
    error = call.params.get("external_error") if status == "failed" else None
    attributes = {k: v for k, v in message.content_attributes.items() if k != "external_error"}
    attributes |= {"external_error": error} if error else {}
    messages.change(call.emu, message, status=status, content_attributes=attributes)
    return reply(shapes.rest(call.emu, message))


@router.delete("/{message_id}")
async def destroy(
    call: Annotated[Call, Depends(may("messages#destroy"))], conversation_id: int, message_id: int
) -> Response:
    message = _message(call, conversation_id, message_id)
    messages.delete(call.emu, message)
    return reply(shapes.rest(call.emu, message))


@router.post("/{message_id}/retry")
async def retry(
    call: Annotated[Call, Depends(may("messages#retry"))], conversation_id: int, message_id: int
) -> Response:
    """Send a failed message once more."""
    message = _message(call, conversation_id, message_id)
    attributes = {k: v for k, v in message.content_attributes.items() if k != "external_error"}
    messages.change(call.emu, message, status="sent", content_attributes=attributes)
    return head()


def _message(call: Call, conversation_id: int, message_id: int) -> Message:
    row = call.emu.state.conversation(call.account.id, conversation_id)
    return found(next((m for m in call.emu.state.thread(row) if m.id == message_id), None))


def _window(thread: list[Message], asked: Json) -> list[Message]:
    after, before = params.number(asked, "after"), params.number(asked, "before")
    if asked.get("filter_internal_messages"):
        thread = [m for m in thread if not m.private and m.message_type != "activity"]
    if after is not None and before is not None:
        return [m for m in thread if after <= m.id < before][:BETWEEN]
    if before is not None:
        return [m for m in thread if m.id < before][-LATEST:]
    if after is not None:
        return [m for m in thread if m.id > after][:AFTER]
    return thread[-LATEST:]


def _meta(call: Call, row: Conversation) -> Json:
    person = conversation_shapes.assignee(call.emu, row)
    meta: Json = {
        "labels": row.label_list,
        "additional_attributes": row.additional_attributes,
        "contact": people.contact_push(call.emu.state.contacts[row.contact_id]),
        "agent_last_seen_at": unix(row.agent_last_seen_at),
        "assignee_last_seen_at": unix(row.assignee_last_seen_at),
    }
    return meta | ({"assignee": person} if person else {})
