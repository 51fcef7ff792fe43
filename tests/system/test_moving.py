"""One run on two channels: it begins by dialling and ends by texts, and the person has one conversation."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from intake.gateway import Gateway
from intake.sweep import Sweep
from tests.system.town import ASHA, JUMA, SERVICE_CODE, SHORT_CODE, Town, opened_town
from wiring.embedded.temporal import Temporal
from wiring.handset import Handset

pytestmark = pytest.mark.real

FARM: dict[str, Any] = {
    "id": "farm",
    "name": "Farm advice",
    "trigger": {"channel": "ussd", "event": "ussd_session"},
    "variables": {"crop": {"type": "string"}, "acres": {"type": "number"}, "plan": {"type": "string"}},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "crop", "type": "question", "config": {"text": "Which crop?", "saveTo": "crop"}},
        {"id": "told", "type": "message", "config": {"text": "We go on by SMS."}},
        {"id": "acres", "type": "question",
         "config": {"text": "How many acres of {{crop}}?", "expects": "number", "saveTo": "acres",
                    "continueOn": {"channel": "sms"}}},
        {"id": "advice", "type": "message",
         "config": {"text": "For {{acres}} acres of {{crop}}{{plan}}: sow in March."}},
        {"id": "end", "type": "end"},
        {"id": "elsewhere", "type": "end", "config": {"outcome": "elsewhere"}},
    ],
    "edges": [
        {"from": "start", "to": "crop"},
        {"from": "crop", "to": "told"},
        {"from": "told", "to": "acres"},
        {"from": "acres", "to": "advice"},
        {"from": "acres", "exit": "error", "to": "elsewhere"},
        {"from": "advice", "to": "end"},
    ],
}  # fmt: skip
ACRES, ADVICE = "How many acres of maize?", "For 2 acres of maize: sow in March."
SURVEY: dict[str, Any] = {
    "id": "survey",
    "name": "Survey",
    "trigger": {"channel": "sms", "event": "sms_received"},
    "variables": {"mark": {"type": "number"}},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "mark", "type": "question",
         "config": {"text": "One to five?", "expects": "number", "saveTo": "mark"}},
        {"id": "thanks", "type": "message", "config": {"text": "Thank you for {{mark}}."}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "mark"},
        {"from": "mark", "to": "thanks"},
        {"from": "thanks", "to": "end"},
    ],
}  # fmt: skip


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    """A town where one number is dialled and another one is written to."""
    async with opened_town(dsn, temporal.address) as opened:
        await opened.publish(FARM)
        await opened.publish(SURVEY)
        yield opened


async def texts(phone: Handset, count: int) -> list[str]:
    """What came to a phone, once there is so much."""
    async with asyncio.timeout(30):
        while len(found := await phone.texts()) < count:  # noqa: ASYNC110 (the network tells nobody)
            await asyncio.sleep(0.05)
    return found


async def dialled(town: Town, number: str = ASHA) -> Handset:
    """Somebody has dialled and said what they grow."""
    phone = town.phone(number)
    told = await phone.dial(SERVICE_CODE)
    assert told["screen"] == "Which crop?"
    told = await phone.act("enter", session=told["sessionId"], text="maize")
    assert (told["screen"], told["open"]) == ("We go on by SMS.", False)
    return phone


async def session(town: Town, id: str) -> dict[str, Any]:
    """A session as the API shows it."""
    answer = await town.api.get(f"/api/v1/sessions/{id}")
    found: dict[str, Any] = answer.json()
    return found


async def status(town: Town, id: str, wanted: str) -> dict[str, Any]:
    """The session, once it is at this status."""
    async with asyncio.timeout(30):
        while (found := await session(town, id))["status"] != wanted:  # noqa: ASYNC110 (as it is asked)
            await asyncio.sleep(0.05)
    return found


async def test_a_run_begins_on_ussd_and_ends_by_sms_with_one_history(town: Town) -> None:
    phone = await dialled(town)
    assert await texts(phone, 1) == [ACRES]
    await phone.text(SHORT_CODE, "2")
    assert await texts(phone, 2) == [ACRES, ADVICE]
    run = await town.ended()
    assert (run["status"], run["variables"]) == ("completed", {"crop": "maize", "acres": 2})
    assert run["channel"] == "ussd"
    assert [node for node, _ in await town.exits(run["id"])] == [
        "start", "crop", "told", "acres", "advice", "end",
    ]  # fmt: skip


async def test_after_the_run_the_number_is_its_own_again(town: Town) -> None:
    phone = await dialled(town)
    await texts(phone, 1)
    await phone.text(SHORT_CODE, "2")
    await town.ended()
    await phone.text(SHORT_CODE, "hello")
    assert (await texts(phone, 3))[2] == "One to five?"
    [newest, _] = await town.executions()
    assert newest["channel"] == "sms"


async def test_who_is_in_the_middle_of_another_conversation_there_is_not_disturbed(town: Town) -> None:
    phone = town.phone()
    await phone.text(SHORT_CODE, "hello")
    assert await texts(phone, 1) == ["One to five?"]
    await dialled(town)
    run = (await town.executions())[0]
    await status(town, run["id"], "completed")
    assert (await town.executions())[0]["completionReason"] == "elsewhere"
    await phone.text(SHORT_CODE, "4")
    assert await texts(phone, 2) == ["One to five?", "Thank you for 4."]


async def test_a_session_begun_by_api_asks_by_sms_and_hears_the_answer(town: Town) -> None:
    given = {"flowId": "survey", "channel": "sms", "phone": JUMA, "ttl": "1h"}
    made = (await town.api.post("/api/v1/sessions", json=given)).json()
    phone = town.phone(JUMA)
    assert await texts(phone, 1) == ["One to five?"]
    again = await town.api.post("/api/v1/sessions", json=given)
    assert (again.status_code, again.json()["code"]) == (409, "CONVERSATION_BUSY")
    assert again.json()["details"] == {"executionId": made["id"]}
    await phone.text(SHORT_CODE, "5")
    assert await texts(phone, 2) == ["One to five?", "Thank you for 5."]
    shown = await status(town, made["id"], "completed")
    assert (shown["channel"], shown["service"], shown["address"]) == ("sms", SHORT_CODE, "+254******112")


async def test_variables_that_are_set_from_outside_are_what_the_flow_says(town: Town) -> None:
    phone = await dialled(town)
    await texts(phone, 1)
    [run] = await town.executions()
    change = {"variables": {"crop": "beans", "plan": " (gold)"}}
    assert (await town.api.patch(f"/api/v1/sessions/{run['id']}", json=change)).status_code == 202
    await phone.text(SHORT_CODE, "3")
    assert (await texts(phone, 2))[1] == "For 3 acres of beans (gold): sow in March."


async def test_a_session_whose_time_is_up_has_expired(town: Town) -> None:
    given = {"flowId": "survey", "channel": "sms", "phone": JUMA, "ttl": "1h"}
    made = (await town.api.post("/api/v1/sessions", json=given)).json()
    await status(town, made["id"], "waiting_input")
    sweep = Sweep(town.house.db, Gateway(town.house.db, town.house.client))
    assert await sweep.expire() == 0
    await town.house.db.execute("UPDATE executions SET expires_at = now()")
    assert await sweep.expire() == 1
    assert (await status(town, made["id"], "expired"))["completionReason"] == "ttl"


async def test_a_session_is_ended_and_its_person_is_free(town: Town) -> None:
    given = {"flowId": "survey", "channel": "sms", "phone": JUMA}
    made = (await town.api.post("/api/v1/sessions", json=given)).json()
    await status(town, made["id"], "waiting_input")
    assert (await town.api.post(f"/api/v1/sessions/{made['id']}/end")).status_code == 202
    await status(town, made["id"], "cancelled")
    assert (await town.api.post("/api/v1/sessions", json=given)).status_code == 202
