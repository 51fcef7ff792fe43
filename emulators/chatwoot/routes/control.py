"""`/_control`: seeding, watching, breaking and acting as people; no authentication, loopback only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ValidationError

from emulators.chatwoot.auth import emulator_of
from emulators.chatwoot.domain import customer, messages, seeds
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid, unprocessable
from emulators.chatwoot.faults import FaultSpec
from emulators.chatwoot.replies import reply
from emulators.chatwoot.rows import Json
from emulators.chatwoot.shapes import inventory

router = APIRouter(prefix="/_control")
Emu = Annotated[Emulator, Depends(emulator_of)]
JOURNAL_PAGE = 10_000


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


@router.get("/journal")
async def journal(
    emu: Emu, after: int = 0, limit: Annotated[int, Query(ge=1, le=JOURNAL_PAGE)] = JOURNAL_PAGE
) -> Response:
    """Lines with `n` above `after`, oldest first, and the newest number there is."""
    return reply({"lines": list(emu.journal.after(after, limit)), "last": emu.journal.last})


@router.get("/faults")
async def list_faults(emu: Emu) -> Response:
    return reply(emu.faults.report())


@router.post("/faults")
async def add_fault(emu: Emu, spec: FaultSpec) -> Response:
    return reply(emu.faults.add(spec).report())


@router.delete("/faults")
async def clear_faults(emu: Emu, id: int | None = None) -> Response:
    """Lift one fault by `id`, or all of them."""
    emu.faults.clear(id)
    return reply(emu.faults.report())


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


@router.get("/idle")
async def idle(emu: Emu, seconds: Annotated[float, Query(gt=0, le=60)] = 5.0) -> Response:
    """Wait until no delivery is pending, at most that many seconds."""
    done = await emu.engine.idle(seconds)
    return reply({"idle": done, "pending": emu.engine.pending})


def _furnished(emu: Emulator, furniture: seeds.Furniture) -> Response:
    try:
        account_id = seeds.apply(emu, furniture)
    except ValidationError as problem:
        raise unprocessable(f"settings: {problem.errors()[0]['msg']}") from problem
    created: Json = inventory.everything(emu)
    account = next(row for row in created["accounts"] if row["id"] == account_id)
    return reply({"account": account, **created})
