"""Webhooks of providers: believed, read, stored, answered; delivered beside the answer."""

import time
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Header, Path, Request

from api.accepting import storing, take_in
from api.bodies import MIB
from api.errors import Problem, documented, not_found
from api.guard import GuardedRoute, public
from api.metrics import WEBHOOKS, refusals
from api.parts import Channel, parts_of
from dsl.inputs import Inbound
from dsl.model import Json, Message
from providers.chatwoot.events import read
from providers.chatwoot.said import Ignored
from providers.chatwoot.signature import verify
from providers.errors import ReadError

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=GuardedRoute)


class Receipt(Message):
    """`accepted` and `duplicate` events are stored and cannot be lost; `ignored` ones drive no flow."""

    status: Literal["accepted", "duplicate", "ignored"]
    reason: str | None = None


@router.post(
    "/chatwoot/{channel}",
    responses=documented(400, 401, 404, 413, 422, 500),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}},
)
@public(body=MIB)
async def receive_chatwoot_event(
    request: Request,
    channel: Annotated[str, Path(max_length=64)],
    x_chatwoot_timestamp: Annotated[str | None, Header(description="Unix seconds.")] = None,
    x_chatwoot_signature: Annotated[str | None, Header(description="`sha256=` and 64 hex digits.")] = None,
) -> Receipt:
    """An event of Chatwoot, signed with the channel's secret. The answer does not wait for the flow."""
    with refusals("chatwoot"):
        receipt = await _receive(request, channel, x_chatwoot_timestamp, x_chatwoot_signature)
    WEBHOOKS.labels("chatwoot", receipt.status).inc()
    return receipt


async def _receive(request: Request, channel: str, timestamp: str | None, signature: str | None) -> Receipt:
    parts = parts_of(request)
    known = parts.channels.get(channel)
    if known is None:
        raise not_found("channel")
    raw = await request.body()
    _believe(known, timestamp, signature, raw)
    event = _read(raw)
    if isinstance(event, Ignored):
        return Receipt(status="ignored", reason=event.reason)
    with storing():
        accepted = await take_in(parts, known.workspace, known.connection, event)
    return Receipt(status="duplicate" if accepted.duplicate else "accepted")


def _believe(channel: Channel, timestamp: str | None, signature: str | None, raw: bytes) -> None:
    """401 unless the raw bytes were signed just now; without a secret, unless unsigned events are allowed."""
    if not channel.secrets and channel.allow_unsigned:
        return
    if not verify(channel.secrets, timestamp=timestamp, signature=signature, body=raw, now=time.time()):
        raise Problem(401, "INVALID_SIGNATURE", "The event is not signed with the channel's secret just now.")


def _read(raw: bytes) -> Inbound | Ignored:
    try:
        # Not `parse`: what a person wrote, odd characters and all, must not be lost; the store makes it fit.
        body: Json = orjson.loads(raw)
        return read(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "INVALID_JSON", "The body is not valid JSON.") from None
    except ReadError:
        raise Problem(422, "UNREADABLE_EVENT", "The event cannot be read.") from None
