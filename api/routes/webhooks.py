"""Webhooks of providers: believed, read, stored, answered; delivered beside the answer."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.accepting import storing, take_in
from api.bodies import MIB
from api.errors import Problem, documented, not_found
from api.guard import DirectRoute, public
from api.metrics import WEBHOOKS, refusals
from api.parts import Channel, parts_of
from dsl.inputs import Inbound
from dsl.model import Json, Message
from providers.chatwoot.events import read
from providers.chatwoot.said import Ignored
from providers.chatwoot.signature import verify
from providers.errors import ReadError

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=DirectRoute)


class Receipt(Message):
    """`accepted` and `duplicate` events are stored and cannot be lost; `ignored` ones drive no flow."""

    status: Literal["accepted", "duplicate", "ignored"]
    reason: str | None = None


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


@router.post(
    "/chatwoot/{channel}",
    response_model=Receipt,
    responses=documented(400, 401, 404, 413, 422, 500),
    openapi_extra={
        "parameters": [
            _header("X-Chatwoot-Timestamp", "Unix seconds."),
            _header("X-Chatwoot-Signature", "`sha256=` and 64 hex digits."),
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    },
)
@public(body=MIB)
async def receive_chatwoot_event(request: Request, channel: Annotated[str, Path(max_length=64)]) -> Response:
    """An event of Chatwoot, signed with the channel's secret. The answer does not wait for the flow."""
    with refusals("chatwoot"):
        receipt = await _receive(request, channel)
    WEBHOOKS.labels("chatwoot", receipt.status).inc()
    return Response(receipt.model_dump_json(by_alias=True), media_type="application/json")


async def _receive(request: Request, channel: str) -> Receipt:
    parts = parts_of(request)
    known = parts.channels.get(channel)
    if known is None:
        raise not_found("channel")
    raw = await request.body()
    _believe(known, request, raw, (await parts.db.now()).timestamp())
    event = _read(raw)
    if isinstance(event, Ignored):
        return Receipt(status="ignored", reason=event.reason)
    with storing():
        accepted = await take_in(parts, known.workspace, known.connection, event)
    return Receipt(status="duplicate" if accepted.duplicate else "accepted")


def _believe(channel: Channel, request: Request, raw: bytes, now: float) -> None:
    """401 unless the raw bytes were signed just now; without a secret, unless unsigned events are allowed."""
    if not channel.secrets and channel.allow_unsigned:
        return
    timestamp, signature = map(request.headers.get, ("x-chatwoot-timestamp", "x-chatwoot-signature"))
    if not verify(channel.secrets, timestamp=timestamp, signature=signature, body=raw, now=now):
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
