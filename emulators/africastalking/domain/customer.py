"""Acting as the subscribers at the other end."""

from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators.africastalking.config import ReportStatus
from emulators.africastalking.domain import handset, payments, sms, ussd
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.rows import Call, Json

ActionName = Literal[
    "sms",
    "optout",
    "optin",
    "report",
    "dial",
    "enter",
    "resend",
    "cancel",
    "lapse",
    "call",
    "pick_up",
    "turn_away",
    "press",
    "speak",
    "bridged",
    "hang_up",
    "pay",
    "refuse",
    "expire",
]


class Action(BaseModel):
    """One thing a subscriber (or the network around it) does; which fields count depends on `action`.

    `sms` needs `phone`, `to`, `text`; `optout` and `optin` `phone` and `to` (a sender id); `report` tells
    `status` of the message `id` once more; `dial` needs `phone` and `code`; `enter` (`text`), `resend` (the
    same turn again), `cancel` and `lapse` (nothing typed in time) need `session`; `pay`, `refuse` and
    `expire` settle the payment prompt `id`. `call` needs `phone` and `to`; `pick_up`, `turn_away` (`result`),
    `press` (`text`, the keys; none: nothing in time), `speak`, `bridged` (`result` and `seconds` of a dialled
    leg) and `hang_up` need the call's `session`.
    """

    model_config = ConfigDict(extra="forbid")

    action: ActionName
    phone: str = Field("", max_length=20)
    to: str = Field("", max_length=20)
    text: str = Field("", max_length=1_600)
    code: str = Field("", max_length=200)
    session: str | None = None
    id: str | None = None
    status: ReportStatus = "Success"
    reason: str | None = None
    on_demand: bool = False
    result: handset.DialResult = "no_answer"
    seconds: int = Field(0, ge=0, le=86_400)


async def perform(emu: Emulator, action: Action) -> Json:
    """Let it happen; raises the 422 of what cannot."""
    return await ACTIONS[action.action](emu, action)


async def _sms(emu: Emulator, action: Action) -> Json:
    phone = emu.phone(action.phone)
    row = sms.receive(emu, phone, action.to, action.text, on_demand=action.on_demand)
    return {"id": row.id, "linkId": row.link_id, "number": row.number}


async def _optout(emu: Emulator, action: Action) -> Json:
    sms.opt_out(emu, emu.phone(action.phone), action.to)
    return {}


async def _optin(emu: Emulator, action: Action) -> Json:
    sms.opt_in(emu, emu.phone(action.phone), action.to)
    return {}


async def _report(emu: Emulator, action: Action) -> Json:
    row = emu.state.sms.get(action.id or "")
    if row is None:
        raise ApiError(422, "id: there is no such message")
    sms.report(emu, row, action.status, action.reason)
    return {"id": row.id}


async def _dial(emu: Emulator, action: Action) -> Json:
    session = ussd.dial(emu, emu.phone(action.phone), action.code)
    await ussd.ask(emu, session)
    return ussd.report(session)


async def _enter(emu: Emulator, action: Action) -> Json:
    session = ussd.found(emu, action.session)
    await ussd.enter(emu, session, action.text)
    return ussd.report(session)


async def _resend(emu: Emulator, action: Action) -> Json:
    session = ussd.found(emu, action.session)
    await ussd.ask(emu, session)
    return ussd.report(session)


async def _drop(emu: Emulator, action: Action) -> Json:
    session = ussd.found(emu, action.session)
    ussd.close(emu, session, "Incomplete")
    return ussd.report(session)


async def _call(emu: Emulator, action: Action) -> Json:
    return handset.report(await handset.ring(emu, action.phone, action.to))


async def _handle(emu: Emulator, action: Action) -> Json:
    """Something done with a call that is there."""
    call = handset.found(emu, action.session)
    if call.busy and action.action != "hang_up":
        raise ApiError(422, "session: the service is being asked")
    await HANDSET[action.action](emu, call, action)
    return handset.report(call)


HANDSET: dict[ActionName, Callable[[Emulator, Call, Action], Awaitable[None]]] = {
    "pick_up": lambda emu, call, _: handset.pick_up(emu, call),
    "turn_away": lambda emu, call, action: handset.turn_away(emu, call, action.result),
    "press": lambda emu, call, action: handset.press(emu, call, action.text),
    "speak": lambda emu, call, _: handset.speak(emu, call),
    "bridged": lambda emu, call, action: handset.bridged(emu, call, action.result, action.seconds),
    "hang_up": lambda emu, call, _: handset.hang_up(emu, call),
}
OUTCOMES = {
    "pay": ("Success", "Received from the subscriber"),
    "refuse": ("Failed", "The subscriber cancelled"),
    "expire": ("Failed", "The prompt expired"),
}


async def _settle(emu: Emulator, action: Action) -> Json:
    row = payments.pending(emu, action.id)
    payments.settle(emu, row, *OUTCOMES[action.action])
    return {"id": row.id, "status": row.status}


ACTIONS: dict[ActionName, Callable[[Emulator, Action], Awaitable[Json]]] = {
    "sms": _sms,
    "optout": _optout,
    "optin": _optin,
    "report": _report,
    "dial": _dial,
    "enter": _enter,
    "resend": _resend,
    "cancel": _drop,
    "lapse": _drop,
    "pay": _settle,
    "refuse": _settle,
    "expire": _settle,
    "call": _call,
    **dict.fromkeys(HANDSET, _handle),
}
