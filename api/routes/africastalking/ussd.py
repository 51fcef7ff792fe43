"""USSD: each step is answered with a page of text, in time, whatever happens behind it."""

import asyncio

import structlog
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from api.accepting import storing, take_in
from api.errors import Problem
from api.guard import DirectRoute, public
from api.metrics import WEBHOOKS, refusals
from api.parts import Channel, parts_of
from api.routes.africastalking.desks import AWAY, CONFLICT, desk_of, refusing
from api.routes.africastalking.door import (
    FORM,
    MOST_CALLBACK_BYTES,
    PREFIX,
    ChannelName,
    Secret,
    let_in,
)
from intake.dialling import Seen, dialled, hung_up
from intake.turns import CAP
from providers.africastalking import rendering
from providers.africastalking.events import UssdEnd, UssdTurn

_LOG = structlog.get_logger(__name__)

router = APIRouter(prefix=PREFIX, tags=["webhooks"], route_class=DirectRoute)


@router.post("/ussd", response_class=PlainTextResponse, responses=CONFLICT, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def answer_ussd_step(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """A step of a USSD session. 200 with `CON …` or `END …` within 4 s, whatever happens."""
    until = asyncio.get_running_loop().time() + CAP
    with refusals("africastalking"):
        line, event = await let_in(request, channel, secret, "ussd", UssdTurn)
        seen = await _seen(request, line, event, until)
    WEBHOOKS.labels("africastalking", "turn").inc()
    return PlainTextResponse(rendering.ussd(seen.screen, event.network, seen.page).body)


@router.post("/ussd-end", response_class=PlainTextResponse, responses=CONFLICT, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_ussd_end(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """A USSD session is over, says the provider; it may say so late, twice, or never."""
    with refusals("africastalking"):
        line, event = await let_in(request, channel, secret, "ussd-end", UssdEnd)
        await _over(request, line, event)
    WEBHOOKS.labels("africastalking", "ended").inc()
    return PlainTextResponse("OK")


async def _seen(request: Request, line: Channel, event: UssdTurn, until: float) -> Seen:
    """What the caller sees, said even where nothing could be stored.

    The provider does not ask again, and shows a caller nothing of an error.
    """
    try:
        with refusing():
            async with asyncio.timeout_at(until):
                return await dialled(desk_of(request, line), event, until)
    except Problem:
        raise
    except Exception as error:
        _LOG.error("event_not_stored", error=type(error).__name__)
        return Seen(AWAY)


async def _over(request: Request, line: Channel, event: UssdEnd) -> None:
    with storing(), refusing():
        over = await hung_up(desk_of(request, line), event)
        if over is not None:
            await take_in(parts_of(request), line.workspace, line.connection, over)
