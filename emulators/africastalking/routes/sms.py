"""`/api/version1/messaging` and, in production, `/content/version1/messaging`."""

from fastapi import APIRouter, Response

from emulators.africastalking.calls import Call, Form, Json, Query
from emulators.africastalking.domain import sms
from emulators.africastalking.errors import malformed, missing_field, not_found
from emulators.common.replies import reply

router = APIRouter()


@router.post("/api/version1/messaging")
async def send(call: Form) -> Response:
    """Bulk; in the sandbox also premium, whose host it shares."""
    if not call.flag("bulkSMSMode", default=True):
        if call.emu.config.environment == "production":
            raise malformed("form field", "bulkSMSMode")
        return _premium(call)
    numbers, text = call.text("to").split(","), call.text("message")
    sender, enqueue = call.fields.get("from"), call.flag("enqueue", default=False)
    return reply(sms.send(call.emu, numbers, text, sender, enqueue=enqueue), 201)


@router.post("/content/version1/messaging")
async def send_premium(call: Form) -> Response:
    if call.emu.config.environment == "sandbox":
        raise not_found()
    if call.flag("bulkSMSMode", default=True):
        raise malformed("form field", "bulkSMSMode")
    return _premium(call)


@router.post("/api/version1/messaging/bulk")
async def send_bulk(call: Json) -> Response:
    """The newer way, which the sandbox is reported not to have."""
    if call.emu.config.environment == "sandbox" and not call.emu.config.bulk_in_sandbox:
        raise not_found()
    numbers, enqueue = call.fields.get("phoneNumbers"), call.fields.get("enqueue", False)
    if not isinstance(numbers, list) or not numbers or not all(isinstance(n, str) for n in numbers):
        raise missing_field("phoneNumbers")
    if not isinstance(enqueue, bool):
        raise malformed("form field", "enqueue")
    text, sender = call.text("message"), call.text("senderId")
    return reply(sms.send(call.emu, numbers, text, sender, enqueue=enqueue), 201)


@router.get("/api/version1/messaging")
async def fetch(call: Query) -> Response:
    last = call.fields.get("lastReceivedId", "0")
    if not (last.isascii() and last.isdigit()):
        raise malformed("query parameter", "lastReceivedId")
    return reply(sms.fetch(call.emu, int(last)))


def _premium(call: Call) -> Response:
    hours = call.fields.get("retryDurationInHours", "0")
    if not (hours.isascii() and hours.isdigit()):
        raise malformed("form field", "retryDurationInHours")
    numbers, text, sender = call.text("to").split(","), call.text("message"), call.text("from")
    return reply(sms.send_premium(call.emu, numbers, text, sender, call.fields.get("linkId")), 201)
