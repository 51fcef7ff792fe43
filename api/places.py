"""Where an execution that the API starts speaks: in a conversation, by SMS with a phone, or nowhere."""

import re
from typing import Any, NamedTuple

from api.errors import Problem, not_found
from api.execution_shapes import ExecuteInput
from api.parts import Channel, Parts
from dsl.addresses import lane_address
from dsl.channels import CHATWOOT
from providers.africastalking.phone import e164
from store import lanes
from store.lanes import Lane

OWN_LANES = "api"
"""Connection of the lanes of executions without a conversation; their address is the execution's id."""
DEFAULT_CHANNEL = "main"
SMS, DIALLED = "sms", ("ussd", "voice")
CONVERSATION = re.compile(r"[1-9][0-9]{0,9}")
"""As Chatwoot counts them. It becomes a workflow's id, which all at Temporal read: never a phone number."""


class Place(NamedTuple):
    """A lane, and what the scene of its execution says of it; `conversation` is its id there."""

    lane: Lane
    channel: str | None
    conversation: str | None = None
    phone: str | None = None
    service: str | None = None

    def contact(self) -> dict[str, Any]:
        """What is known of the person."""
        return {"phone": self.phone} if self.phone else {}

    def shown(self) -> dict[str, Any]:
        """The conversation as `{{conversation.…}}` shows it."""
        if self.service:
            return {"channel": self.channel, "service": self.service}
        return {"id": self.conversation} if self.conversation else {}


def check(parts: Parts, body: ExecuteInput) -> None:
    """404 for a channel that there is not, 422 for an address that is none there.

    What Temporal shows names nobody: a conversation is a number of Chatwoot's.
    """
    if body.channel in DIALLED and not body.test_mode:
        message = "Nobody is on the line yet: people dial, or a flow calls them (`initiate_call`)."
        raise Problem(422, "CHANNEL_NOT_STARTED", message)
    if body.channel in (SMS, *DIALLED):
        if not body.test_mode:
            _texts(parts), _phone(body)
        return
    _channel(parts, body)
    if body.conversation and not body.test_mode and not CONVERSATION.fullmatch(body.conversation):
        message = "A live conversation is named by its number in Chatwoot."
        raise Problem(422, "NOT_A_CONVERSATION", message)


async def place_of(parts: Parts, workspace: str, body: ExecuteInput, execution_id: str) -> Place:
    """The conversation's lane, or the phone's; a test, or a run without either, has its own."""
    if body.test_mode or not (body.conversation or body.channel == SMS):
        return await _own(parts, workspace, body, execution_id)
    if body.channel == SMS:
        return await _by_text(parts, workspace, body)
    connection = _channel(parts, body).connection
    lane = await lanes.open_lane(parts.db, workspace, connection, body.conversation or "")
    return Place(lane, CHATWOOT, body.conversation)


async def _own(parts: Parts, workspace: str, body: ExecuteInput, execution_id: str) -> Place:
    workflow_id = f"test/{execution_id}" if body.test_mode else execution_id
    lane = await lanes.open_lane(parts.db, workspace, OWN_LANES, execution_id, workflow_id=workflow_id)
    if body.channel in (SMS, *DIALLED):
        return Place(lane, body.channel, phone=e164(body.conversation or ""))
    return Place(lane, CHATWOOT if body.conversation else body.channel, body.conversation)


async def _by_text(parts: Parts, workspace: str, body: ExecuteInput) -> Place:
    channel, service, phone = *_texts(parts), _phone(body)
    address = lane_address(parts.hashed, service, phone)
    lane = await lanes.open_lane(parts.db, workspace, channel.connection, address)
    return Place(lane, SMS, address, phone, service)


def _texts(parts: Parts) -> tuple[Channel, str]:
    """The channel of texts, and the number that they come from."""
    line = parts.lines.get(DEFAULT_CHANNEL)
    if line is None or parts.sender is None:
        raise not_found("channel")
    return line, parts.sender


def _phone(body: ExecuteInput) -> str:
    phone = e164(body.conversation or "")
    if phone is None:
        message = "`address` is the person's phone number, with its country code: +254711000111."
        raise Problem(422, "NOT_A_PHONE", message)
    return phone


def _channel(parts: Parts, body: ExecuteInput) -> Channel:
    name = body.channel if body.channel and body.channel != CHATWOOT else DEFAULT_CHANNEL
    if name not in parts.channels:
        raise not_found("channel")
    return parts.channels[name]
