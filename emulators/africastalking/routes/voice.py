"""`/voice`: calls, queues, sound files."""

from fastapi import APIRouter, Response

from emulators.africastalking.calls import Call, Form, FormOrJson
from emulators.africastalking.domain import scripts, voice
from emulators.africastalking.errors import ApiError, malformed, missing_field
from emulators.common.replies import reply

router = APIRouter(prefix="/voice")


@router.post("/call")
async def call_out(call: FormOrJson) -> Response:
    """`to` is a comma list in a form, a list in JSON; only JSON may bring `callActions`."""
    numbers, actions = _numbers(call), call.fields.get("callActions")
    try:
        planned = None if actions is None else scripts.planned(actions)
    except scripts.Unreadable as problem:
        raise malformed("form field", f"callActions: {problem}") from problem
    told = voice.call_out(call.emu, numbers, call.text("from"), call.fields.get("clientRequestId"), planned)
    ringing = sum(row.state == "ringing" for row in call.emu.state.calls.values())
    return reply(told, headers={"X-Current-Queue-Size": str(ringing)})


@router.post("/queueStatus")
async def queue_status(call: Form) -> Response:
    numbers = call.text("phoneNumbers").split(",")
    if unknown := set(numbers) - set(call.emu.config.voice_numbers):
        raise malformed("form field", f"phoneNumbers: {min(unknown)}")
    return reply(voice.queues(call.emu, numbers))


@router.post("/mediaUpload")
async def upload(call: Form) -> Response:
    url, number = call.text("url"), call.text("phoneNumber")
    if not url.startswith(("http://", "https://")) or number not in call.emu.config.voice_numbers:
        raise ApiError(400, "The request content was malformed")
    text = "The request has been fulfilled and resulted in a new resource being created."
    return Response(text, 201, media_type="text/plain")


def _numbers(call: Call) -> list[str]:
    to = call.fields.get("to")
    if isinstance(to, list) and to and all(isinstance(number, str) for number in to):
        return to
    if isinstance(to, list):
        raise missing_field("to")
    return call.text("to").split(",")
