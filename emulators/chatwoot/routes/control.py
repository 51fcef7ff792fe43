"""`/_control`: seeding, watching, breaking and acting as people; no authentication, loopback only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ValidationError

from emulators.chatwoot.auth import emulator_of
from emulators.chatwoot.domain import customer, messages, seeds
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid, unprocessable
from emulators.chatwoot.faults import FaultSpec
from emulators.chatwoot.rows import Json
from emulators.chatwoot.shapes import inventory
from emulators.common import control
from emulators.common.replies import reply

router = APIRouter(prefix="/_control")
router.include_router(control.router)
Emu = Annotated[Emulator, Depends(emulator_of)]


@router.post("/reset")
async def reset(emu: Emu, furniture: seeds.Furniture | None = None) -> Response:
    """Forget everything; with a body, furnish again in the same step."""
    emu.reset()
    return _furnished(emu, furniture) if furniture else reply(inventory.everything(emu))


@router.post("/seed")
async def seed(emu: Emu, furniture: seeds.Furniture) -> Response:
    return _furnished(emu, furniture)


@router.get("/state")
async def state(emu: Emu, conversation: int | None = None, account: int | None = None) -> Response:
    """Everything, or with `conversation` (a display id) one conversation with its messages."""
    if conversation is None:
        return reply(inventory.everything(emu))
    number = account or next(iter(emu.state.accounts), 0)
    return reply(inventory.one_conversation(emu, emu.state.conversation(number, conversation)))


@router.post("/faults")
async def add_fault(emu: Emu, spec: FaultSpec) -> Response:
    return reply(emu.faults.add(spec).report())


@router.post("/customer")
async def act(emu: Emu, action: customer.Action) -> Response:
    """Let a person act; the journal holds it before the answer is given."""
    try:
        result = customer.perform(emu, action)
    except (Invalid, messages.Refused) as refusal:
        raise unprocessable(str(refusal)) from refusal
    body = action.model_dump(exclude_unset=True, exclude={"action"})
    emu.journal.write("customer", action=action.action, body=body, result=result)
    await emu.journal.sync()
    return reply(result)


def _furnished(emu: Emulator, furniture: seeds.Furniture) -> Response:
    try:
        account_id = seeds.apply(emu, furniture)
    except ValidationError as problem:
        raise unprocessable(f"settings: {problem.errors()[0]['msg']}") from problem
    created: Json = inventory.everything(emu)
    account = next(row for row in created["accounts"] if row["id"] == account_id)
    return reply({"account": account, **created})
