"""Recordings of people on the line, beside those of conversations: turns are updates."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

from temporalio.service import RPCError

from dsl.limits import Limits
from dsl.messages import CONTROL, Control
from dsl.turns import Screen
from store.jsons import dumps
from tests.workflows.phone import Phone
from tests.workflows.test_turns import ASKS, ASKS_ON_CALLS, BYE, END, GREET, SLEEPS
from tests.workflows.world import flow

PAY = {
    "id": "pay", "type": "request_payment",
    "config": {"amount": 50, "currency": "KES", "phone": "{{contact.phone}}", "timeout": "1h"},
}  # fmt: skip
PAYS = flow(
    [GREET, PAY, BYE, END],
    [("greet", "pay"), ("pay", "paid", "bye"), ("pay", "failed", "end"), ("pay", "expired", "end"),
     ("bye", "end")],
    settings={"lateScreen": "sms"},
)  # fmt: skip
SPILLS = {**ASKS, "settings": {"lateScreen": "sms"}}
Call = Callable[[Phone], Awaitable[None]]


class Dialled(NamedTuple):
    """A flow that is dialled, and what the person does next."""

    document: dict[str, Any]
    call: Call
    limits: Limits = Limits()
    surface: Any = "ussd"


async def answers(phone: Phone) -> None:
    """What they are asked."""
    await phone.type("Amina")


async def redials(phone: Phone) -> None:
    """Asked once more, they begin anew."""
    await phone.redial()
    await phone.type("00")


async def dials_in_vain(phone: Phone) -> None:
    """While the flow sleeps; then it is told to expire."""
    await phone.redial()
    await phone.handle.execute_update(CONTROL, Control(command="expire"))


async def is_told_otherwise(phone: Phone) -> None:
    """What they typed is answered too late for the line."""
    step = await phone.accept("Amina")
    safe = dumps(Screen.of("Later.").model_dump(mode="json", by_alias=True))
    await phone.stage.db.execute("UPDATE inbound_events SET screen = $1::jsonb WHERE id = $2", safe, step.id)
    await phone.ask([step])


async def pays(phone: Phone) -> None:
    """When they have put in their PIN."""
    await phone.stage.until_status("waiting_time")
    await phone.report("pay", "paid")


async def is_renamed(phone: Phone) -> None:
    """Variables are set while they are asked; the run continues as new."""
    await phone.handle.execute_update(CONTROL, Control(command="set", values={"greeting": "Jambo"}))
    await phone.continued()
    with suppress(RPCError):
        await phone.type("Amina")


LINES: dict[str, Dialled] = {
    "dialled": Dialled(ASKS, answers),
    "dialled_ordinary": Dialled(ASKS, answers, Limits(fast=False)),
    "dialled_continued": Dialled(ASKS, answers, Limits(every_steps=3)),
    "dialled_anew": Dialled(ASKS, redials),
    "dialled_in_vain": Dialled(SLEEPS, dials_in_vain),
    "dialled_late": Dialled(SPILLS, is_told_otherwise),
    "called": Dialled(ASKS_ON_CALLS, answers, surface="voice"),
    "paid": Dialled(PAYS, pays),
    "renamed": Dialled(ASKS, is_renamed),
}
