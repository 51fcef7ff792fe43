"""Calls: while one goes on its callback is answered with what to do next, at its end it is stored."""

import asyncio
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.accepting import storing, take_in
from api.errors import Problem
from api.guard import GuardedRoute, public
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
from intake.calls import Heard, called, ended
from intake.turns import CAP
from providers.africastalking import rendering
from providers.africastalking.events import VoiceEvent

_LOG = structlog.get_logger(__name__)

router = APIRouter(prefix=PREFIX, tags=["webhooks"], route_class=GuardedRoute)
Step = Annotated[str | None, Query(max_length=64, description="Which answer of ours it follows.")]


class XmlResponse(Response):
    """Actions of a call."""

    media_type = "application/xml"


@router.post("/voice", response_class=XmlResponse, responses=CONFLICT, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def answer_call(request: Request, channel: ChannelName, secret: Secret, step: Step = None) -> Response:
    """A call's callback. 200 with what to do next within 4 s, whatever happens; nothing at its end."""
    until = asyncio.get_running_loop().time() + CAP
    with refusals("africastalking"):
        line, event = await let_in(request, channel, secret, "voice", VoiceEvent, step=step)
        answer = await _answer(request, line, secret, event, step, until)
    WEBHOOKS.labels("africastalking", "turn" if event.active else "ended").inc()
    return answer


async def _answer(
    request: Request, line: Channel, secret: str, event: VoiceEvent, step: str | None, until: float
) -> Response:
    if not event.active:
        await _over(request, line, event)
        return XmlResponse("")
    heard = await _heard(request, line, event, step, until)
    return XmlResponse(rendering.voice(heard.screen, _address(request, line, secret, heard.token)))


async def _heard(request: Request, line: Channel, event: VoiceEvent, step: str | None, until: float) -> Heard:
    """What the caller hears, said even where nothing could be stored."""
    try:
        with refusing():
            async with asyncio.timeout_at(until):
                return await called(desk_of(request, line), event, step, until)
    except Problem:
        raise
    except Exception as error:
        _LOG.error("event_not_stored", error=type(error).__name__)
        return Heard(AWAY)


async def _over(request: Request, line: Channel, event: VoiceEvent) -> None:
    with storing(), refusing():
        over = await ended(desk_of(request, line), event)
        if over is not None:
            await take_in(parts_of(request), line.workspace, line.connection, over)


def _address(request: Request, line: Channel, secret: str, token: str | None) -> str:
    """Where the next callback of the call comes; the token tells which answer it follows."""
    base = parts_of(request).public_url or str(request.base_url)
    path = f"webhooks/africastalking/{quote(line.name, safe='')}/{quote(secret, safe='')}/voice"
    # What somebody sent as our name must not make an address that no call can be told.
    return f"{quote(base[:1_000].rstrip('/'), safe=':/[]%')}/{path}?step={token}"
