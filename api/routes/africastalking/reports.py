"""What became of texts, top-ups and payments: kept at once, routed beside the answer."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.accepting import storing
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
from providers.africastalking.events import AirtimeStatus, AirtimeValidation, Delivery, Event, PaymentEvent
from providers.africastalking.refusal import PROVIDER
from store import reports
from store.reports import Kind

router = APIRouter(prefix=PREFIX, tags=["webhooks"], route_class=DirectRoute)


@router.post("/delivery", response_class=PlainTextResponse, responses=REFUSED, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_delivery_report(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """What became of a text of ours."""
    with refusals(PROVIDER):
        line, event = await let_in(request, channel, secret, "delivery", Delivery)
        return await _kept(parts_of(request), line, "delivery", event)


@router.post("/payment", response_class=PlainTextResponse, responses=REFUSED, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_payment_notice(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """A notice about money; the provider is asked before any flow hears of it."""
    with refusals(PROVIDER):
        line, event = await let_in(request, channel, secret, "payment", PaymentEvent)
        return await _kept(parts_of(request), line, "payment", event)


@router.post("/airtime", response_class=PlainTextResponse, responses=REFUSED, openapi_extra=FORM)
@public(body=MOST_CALLBACK_BYTES)
async def receive_airtime_status(request: Request, channel: ChannelName, secret: Secret) -> Response:
    """What became of a top-up; or, before it is made, whether it is ours: `{"status": "Validated"}` if so."""
    parts = parts_of(request)
    with refusals(PROVIDER):
        line, event = await let_in(request, channel, secret, "airtime", Event)
        if isinstance(event, AirtimeValidation):
            return await _validated(parts, line, event)
        assert isinstance(event, AirtimeStatus)
        return await _kept(parts, line, "airtime", event)


async def _kept(
    parts: Parts, line: Channel, kind: Kind, event: Delivery | AirtimeStatus | PaymentEvent
) -> Response:
    report = event.model_dump(mode="json", by_alias=True)
    with storing():
        kept = await reports.accept(
            parts.db, line.workspace, line.connection, event.key, kind, event.id, report
        )
    if kept is not None and parts.deliveries.has_room:
        parts.deliveries.start(parts.reporter.route(kept))
    WEBHOOKS.labels(PROVIDER, "accepted" if kept else "duplicate").inc()
    return PlainTextResponse("OK")


async def _validated(parts: Parts, line: Channel, event: AirtimeValidation) -> Response:
    """The question may come before the answer to our own request is on record: it is waited for a moment."""
    with storing():
        ours = await reports.is_ours(parts.db, line.workspace, PROVIDER, f"{line.connection}:{event.id}")
    WEBHOOKS.labels(PROVIDER, "validated" if ours else "not_ours").inc()
    return JSONResponse({"status": "Validated" if ours else "Failed"})
