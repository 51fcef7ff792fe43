"""A menu by USSD on real parts: phone, provider, API, Temporal, worker, and back to the phone's screen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from tests.system.town import SERVICE_CODE, Town, opened_town
from tests.waiting import until
from wiring.embedded.temporal import Temporal
from wiring.handset import Handset

pytestmark = pytest.mark.real

LEAD: dict[str, Any] = {
    "id": "lead",
    "name": "Lead",
    "trigger": {"channel": "ussd", "event": "ussd_session"},
    "variables": {"name": {"type": "string"}, "town": {"type": "string"}},
    "settings": {"sessionTtl": "1h", "safeText": "Duka is slow just now. We shall text you.",
                 "busyText": "One moment, please.", "lateScreen": "sms"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ask-name", "type": "question", "config": {"text": "Your name?", "saveTo": "name"}},
        {"id": "ask-town", "type": "question",
         "config": {"text": "Your town?", "saveTo": "town", "expects": "choice",
                    "choices": [{"value": "nairobi", "title": "Nairobi"},
                                {"value": "kisumu", "title": "Kisumu"}]}},
        {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{name}} of {{town}}."}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "ask-name"},
        {"from": "ask-name", "to": "ask-town"},
        {"from": "ask-town", "to": "thanks"},
        {"from": "thanks", "to": "end"},
    ],
}  # fmt: skip
TOWN = "Your town?\n1. Nairobi\n2. Kisumu"


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    """A town whose shop answers; the provider waits six real seconds for us."""
    async with opened_town(dsn, temporal.address, ussd_deadline=60) as opened:
        await opened.publish(LEAD)
        yield opened


async def test_a_caller_goes_through_the_menu_to_the_end(town: Town) -> None:
    phone = town.phone()
    told = await phone.dial(SERVICE_CODE)
    assert (told["screen"], told["open"]) == ("Your name?", True)
    told = await phone.act("enter", session=told["sessionId"], text="Asha")
    assert told["screen"] == TOWN
    told = await phone.act("enter", session=told["sessionId"], text="2")
    assert (told["screen"], told["open"], told["status"]) == ("Thank you, Asha of kisumu.", False, "Success")
    ended = await town.ended()
    assert ended["variables"] == {"name": "Asha", "town": "kisumu"}


async def test_the_same_step_again_is_answered_with_the_same_bytes(town: Town) -> None:
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    await phone.act("enter", session=session, text="Asha")
    first = answer_of(town, session)
    for _ in range(3):
        await phone.act("resend", session=session)
        assert answer_of(town, session) == first == f"CON {TOWN}"
    [execution] = await town.executions()
    assert await town.exits(execution["id"]) == [("start", "next"), ("ask-name", "answer")]


async def test_inputs_that_were_dialled_along_are_answers(town: Town) -> None:
    told = await town.phone().dial("*384*1*Asha*2#")
    assert (told["screen"], told["open"]) == ("Thank you, Asha of kisumu.", False)


async def test_without_workers_the_safe_text_comes_and_what_was_typed_is_heard_when_they_return(
    town: Town,
) -> None:
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    await town.crew.stop()
    told = await phone.act("enter", session=session, text="Asha")
    assert (told["screen"], told["open"]) == ("Duka is slow just now. We shall text you.", False)
    town.crew.start()
    [execution] = await town.executions()
    await until_heard(town, execution["id"], "name", "Asha")
    await until_texted(phone)
    await town.idle()
    assert await phone.texts() == [TOWN], "the screen that came too late, once"


async def test_who_dials_first_when_nobody_works_is_served_when_they_return(town: Town) -> None:
    await town.crew.stop()
    phone = town.phone()
    told = await phone.dial(SERVICE_CODE)
    assert (told["screen"], told["open"]) == ("Duka is slow just now. We shall text you.", False)
    town.crew.start()
    await until_texted(phone)
    assert await phone.texts() == ["Your name?"]
    told = await phone.dial(SERVICE_CODE)
    assert told["screen"] == "Your name?\n00 Start over"
    assert len(await town.executions()) == 1


async def test_who_dials_again_in_time_is_asked_again_and_may_go_on(town: Town) -> None:
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    await phone.act("enter", session=session, text="Asha")
    await phone.act("cancel", session=session)
    told = await phone.dial(SERVICE_CODE)
    assert told["screen"] == f"{TOWN}\n00 Start over"
    told = await phone.act("enter", session=told["sessionId"], text="1")
    assert told["screen"] == "Thank you, Asha of nairobi."
    assert (await town.ended())["status"] == "completed"


async def test_who_dials_again_in_time_may_start_over(town: Town) -> None:
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    await phone.act("enter", session=session, text="Asha")
    await phone.act("cancel", session=session)
    again = (await phone.dial(SERVICE_CODE))["sessionId"]
    told = await phone.act("enter", session=again, text="00")
    assert told["screen"] == "Your name?"
    new, old = await town.executions()
    assert (old["status"], new["status"]) == ("expired", "waiting_input")
    told = await phone.act("enter", session=again, text="Juma")
    assert told["screen"] == TOWN


async def test_who_dials_again_late_starts_afresh(town: Town) -> None:
    brief = {**LEAD, "settings": {**LEAD["settings"], "resumeWindow": "1s"}}
    await town.publish(brief)
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    await phone.act("enter", session=session, text="Asha")
    await phone.act("cancel", session=session)
    await asyncio.sleep(1.1)
    told = await phone.dial(SERVICE_CODE)
    assert told["screen"] == "Your name?"
    new, old = await town.executions()
    assert (old["status"], new["status"]) == ("expired", "waiting_input")


PAID: dict[str, Any] = {
    **LEAD,
    "id": "paid",
    "trigger": {"channel": "ussd", "event": "ussd_session", "serviceCode": SERVICE_CODE},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "pay", "type": "request_payment",
         "config": {"amount": 50, "currency": "KES", "phone": "{{contact.phone}}"}},
        {"id": "thanks", "type": "send_sms", "config": {"to": "{{contact.phone}}", "message": "Paid."}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "pay"},
        {"from": "pay", "exit": "paid", "to": "thanks"},
        {"from": "thanks", "exit": "sent", "to": "end"},
    ],
}  # fmt: skip


async def test_who_dials_while_the_flow_is_busy_is_told_so(town: Town) -> None:
    await town.publish(PAID)
    phone = town.phone()
    await phone.dial(SERVICE_CODE)
    told = await phone.dial(SERVICE_CODE)
    assert (told["screen"], told["open"]) == ("One moment, please.", False)
    prompt = await until_asked(phone)
    await phone.act("pay", id=prompt)
    assert (await town.ended())["status"] == "completed"
    assert await phone.texts() == ["Paid."]
    opened = "SELECT how FROM inbound_events WHERE event->>'kind' = 'opened' ORDER BY seq"
    rows = await town.house.db.fetch(opened)
    assert [row[0] for row in rows] == ["start", "busy"]


def answer_of(town: Town, session: str) -> str:
    """The last body that the provider was answered with, byte for byte."""
    return town.emulator.emulator.state.sessions[session].answer


async def until_heard(town: Town, execution: str, name: str, value: str) -> None:
    async def heard() -> bool:
        found = (await town.api.get(f"/api/v1/executions/{execution}")).json()
        return bool(found["variables"].get(name) == value)

    await until(heard, seconds=30)


async def until_texted(phone: Handset) -> None:
    await until(phone.texts, seconds=30)


async def until_asked(phone: Handset) -> str:
    """The payment that the phone is asked for, once it is."""
    found: list[str] = []

    async def asked() -> bool:
        with suppress(LookupError):
            found.append(await phone.prompt())
        return bool(found)

    await until(asked, seconds=30)
    return found[0]


AGAIN: dict[str, Any] = {
    **LEAD,
    "id": "again",
    "trigger": {"channel": "ussd", "event": "ussd_session", "serviceCode": SERVICE_CODE},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "question", "config": {"text": "And then?", "saveTo": "name"}},
        {"id": "more", "type": "condition",
         "config": {"condition": {"left": "{{name}}", "operator": "neq", "right": "stop"}}},
        {"id": "heard", "type": "message", "config": {"text": "You said {{name}}."}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "more"},
        {"from": "more", "exit": "true", "to": "heard"},
        {"from": "more", "exit": "false", "to": "end"},
        {"from": "heard", "to": "ask"},
    ],
}  # fmt: skip


async def test_a_run_that_goes_on_as_another_meanwhile_answers_every_turn_in_time(
    town: Town, examples: int | None
) -> None:
    await town.publish(AGAIN)
    phone = town.phone()
    session = (await phone.dial(SERVICE_CODE))["sessionId"]
    [execution] = await town.executions()
    for number in range(examples or 6):
        told, _ = await asyncio.gather(
            phone.act("enter", session=session, text=str(number)),
            town.api.post(f"/api/v1/executions/{execution['id']}/checkpoint"),
        )
        assert told["screen"] == f"You said {number}.\nAnd then?"
    assert not (await phone.act("enter", session=session, text="stop"))["open"]
    ended = await town.ended()
    assert ended["status"] == "completed"
