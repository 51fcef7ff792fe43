"""`/api/version1/airtime` and the lookup of a top-up, which has no version in its path."""

from fastapi import APIRouter, Request, Response

from emulators.africastalking.calls import FormOrJson, Query
from emulators.africastalking.domain import airtime
from emulators.africastalking.errors import malformed, missing_field, missing_parameter
from emulators.common.replies import reply

router = APIRouter()


@router.post("/api/version1/airtime/send")
async def send(call: FormOrJson, request: Request) -> Response:
    if not call.fields.get("recipients"):
        raise missing_field("recipients")
    retries = str(call.fields.get("maxNumRetry", "1"))
    if not (retries.isascii() and retries.isdigit()):
        raise malformed("form field", "maxNumRetry")
    wanted = airtime.read(call.fields["recipients"])
    return reply(airtime.send(call.emu, wanted, request.headers.get("idempotency-key")), 201)


@router.get("/api/query/transaction/find")
async def find(call: Query) -> Response:
    if not call.fields.get("transactionId"):
        raise missing_parameter("transactionId")
    return reply(airtime.find(call.emu, call.fields["transactionId"]))
