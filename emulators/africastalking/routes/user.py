"""`/api/version1/user`: the application's balance."""

from fastapi import APIRouter, Response

from emulators.africastalking.calls import Query
from emulators.common.replies import reply

router = APIRouter()


@router.get("/api/version1/user")
async def user(call: Query) -> Response:
    return reply({"UserData": {"balance": f"{call.emu.config.currency} {call.emu.balance:.2f}"}})
