"""`/_control`: settings, watching, breaking and acting as subscribers; no authentication, loopback only."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from emulators.africastalking.calls import emulator_of
from emulators.africastalking.config import Config, ReportStatus
from emulators.africastalking.domain import customer
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.faults import FaultSpec
from emulators.common import control
from emulators.common.replies import reply

router = APIRouter(prefix="/_control")
router.include_router(control.router)
Emu = Annotated[Emulator, Depends(emulator_of)]
NUMBERS = ("service_codes", "short_codes", "voice_numbers")
TABLES = ("phones", "sms", "inbox", "opted_out", "sessions", "calls", "airtime", "payments")


class SeededPhone(BaseModel):
    """A subscriber with a network of its own, and what becomes of messages to it."""

    model_config = ConfigDict(extra="forbid")

    number: str
    network: str | None = None
    reports: tuple[ReportStatus, ...] | None = None
    failure_reason: str | None = None
    airtime: Literal["Success", "Failed"] = "Success"


class Seed(BaseModel):
    """Settings to change until the next reset, and subscribers."""

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, Any] = {}
    phones: list[SeededPhone] = []


@router.post("/reset")
async def reset(emu: Emu, seed: Seed | None = None) -> Response:
    """Forget everything; with a body, seed again in the same step."""
    emu.reset()
    return _seeded(emu, seed or Seed())


@router.post("/seed")
async def seed(emu: Emu, seed: Seed) -> Response:
    return _seeded(emu, seed)


@router.get("/state")
async def state(emu: Emu) -> Response:
    return reply(_everything(emu))


@router.post("/faults")
async def add_fault(emu: Emu, spec: FaultSpec) -> Response:
    return reply(emu.faults.add(spec).report())


@router.post("/customer")
async def act(emu: Emu, action: customer.Action) -> Response:
    """Let a subscriber act; the journal holds it before the answer is given."""
    result = await customer.perform(emu, action)
    body = action.model_dump(exclude_unset=True, exclude={"action"})
    emu.journal.write("customer", action=action.action, body=body, result=result)
    await emu.journal.sync()
    return reply(result)


def _seeded(emu: Emulator, seed: Seed) -> Response:
    try:
        settings = emu.config.model_dump() | seed.settings
        emu.configure(Config.model_validate(settings))
    except ValidationError as problem:
        first = problem.errors()[0]
        raise ApiError(422, f"settings {'.'.join(map(str, first['loc']))}: {first['msg']}") from problem
    for given in seed.phones:
        phone = emu.phone(given.number)
        phone.network = given.network or phone.network
        phone.reports, phone.failure_reason = given.reports, given.failure_reason
        phone.airtime = given.airtime
    return reply(_everything(emu))


def _everything(emu: Emulator) -> dict[str, Any]:
    tables = {name: getattr(emu.state, name) for name in TABLES}
    rows = {
        name: list(rows.values()) if isinstance(rows, dict) else list(rows) for name, rows in tables.items()
    }
    told = {"balance": str(emu.balance), "pending_callbacks": emu.engine.pending}
    plain: dict[str, Any] = orjson.loads(orjson.dumps(rows | told, default=str))
    numbers = {name: list(getattr(emu.config, name)) for name in NUMBERS}
    return plain | {"environment": emu.config.environment, "numbers": numbers}
