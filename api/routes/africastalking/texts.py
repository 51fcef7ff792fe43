"""Texts that people write to our numbers, and their wish to get no more of ours."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from api.accepting import storing, take_in
from api.guard import DirectRoute, public
from api.metrics import WEBHOOKS, refusals
from api.parts import Channel, Parts, parts_of
from api.routes.africastalking.door import (
    FORM,
    MOST_CALLBACK_BYTES,
    PREFIX,
    REFUSED,
    ChannelName,
    Secret,
    let_in,
)
from dsl.addresses import lane_address
from dsl.consent import starts, stops
from providers.africastalking.events import IncomingSms, OptOut
from providers.africastalking.inbound import text_received
from store import opt_outs
from store.inbox import Accepted
from store.opt_outs import Word

router = APIRouter(prefix=PREFIX, tags=["webhooks"], route_class=DirectRoute)


@router.post("/sms", response_class=PlainTextResponse, responses=REFUSED, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_text(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """A text to one of our numbers. Only `OK`, once it is stored, keeps it from coming again."""
    parts = parts_of(request)
    with refusals("africastalking"):
        line, event = await let_in(request, channel, secret, "sms", IncomingSms)
        with storing():
            accepted, word = await _taken(parts, line, event)
    result = "duplicate" if accepted.duplicate else word.how if word else "accepted"
    WEBHOOKS.labels("africastalking", result).inc()
    return PlainTextResponse("OK")


@router.post("/optout", response_class=PlainTextResponse, responses=REFUSED, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_opt_out(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """Somebody told the provider that they want no more texts of one of our senders."""
    parts = parts_of(request)
    with refusals("africastalking"):
        line, event = await let_in(request, channel, secret, "optout", OptOut)
        phone = parts.hashed(event.phone)
        with storing():
            await opt_outs.add(parts.db, line.workspace, line.connection, phone, event.sender, "provider")
    WEBHOOKS.labels("africastalking", "opt_out").inc()
    return PlainTextResponse("OK")


async def _taken(parts: Parts, line: Channel, event: IncomingSms) -> tuple[Accepted, Word | None]:
    """What a person says of our texts is no answer to a flow, and starts none."""
    inbound = text_received(event, lane_address(parts.hashed, event.to, event.phone))
    word = await _word(parts, line, event)
    if word is not None:
        return await opt_outs.heard(parts.db, line.workspace, line.connection, inbound, word), word
    return await take_in(parts, line.workspace, line.connection, inbound), None


async def _word(parts: Parts, line: Channel, event: IncomingSms) -> Word | None:
    phone = parts.hashed(event.phone)
    if stops(event.text):
        return Word.stop(phone)
    if not starts(event.text):
        return None
    out = await opt_outs.refuses(parts.db, line.workspace, line.connection, phone, event.to)
    return Word.start(phone, event.to) if out else None
