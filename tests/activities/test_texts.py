"""Texts to phones against the emulated provider: sent once or not at all, and the ledger says which."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities import attempts as attempts_module
from activities.attempts import entry_of
from dsl.inputs import Inbound
from dsl.messages import Report, Scene
from dsl.plan import Options
from store import ledger, opt_outs
from store.database import Database
from store.opt_outs import Word
from tests.activities.phones import ASHA, AT, JUMA, PAUSE, QUICK, Desk, effect, hashed, opened_desk

pytestmark = pytest.mark.real
SEND = "/messaging"
SHORT_CODE: dict[str, Any] = {"from": "28901"}
NOBODY: dict[str, Any] = {"from": "NOBODY"}


@pytest.fixture
async def desk(db: Database, scene: Scene) -> AsyncIterator[Desk]:
    async with opened_desk(db, scene) as opened:
        yield opened


def code_of(report: Report) -> str | None:
    error = report.outcome.error if report.outcome else None
    return error.code if error else None


async def test_what_is_said_on_sms_is_one_text_and_the_ledger_has_its_id(desk: Desk) -> None:
    choices = [{"title": "Yes", "value": "yes"}, {"title": "No", "value": "no"}]
    report = await desk.do("send_message", text="Do you come?", choices=choices)
    assert report.state == "done"
    assert report.outcome is not None
    value = report.outcome.value
    assert value == {
        "id": value["id"],
        "cost": "KES 0.8000",
        "status": "Success",
        "segments": 1,
        "encoding": "GSM-7",
    }
    assert desk.texts() == [(ASHA, "DUKA", "Do you come?\n1. Yes\n2. No")]
    row = await desk.ledger()
    assert (row["provider"], row["provider_ref"]) == ("africastalking", f"{AT}:{value['id']}")


async def test_an_answer_on_sms_comes_from_the_number_that_was_written_to(desk: Desk) -> None:
    desk.scene = desk.scene.but(service="28901")
    card = {"title": "Our shop", "actions": [{"text": "Open", "url": "https://shop.example"}]}
    await desk.do("send_message", text="Look:", cards=[card])
    await desk.do(
        "send_message", "bill", text="Your bill", attachments=[{"url": "https://shop.example/1.pdf"}]
    )
    assert desk.texts() == [
        (ASHA, "28901", "Look:\n\nOur shop\nOpen: https://shop.example"),
        (ASHA, "28901", "Your bill\nhttps://shop.example/1.pdf"),
    ]


@pytest.mark.parametrize("channel", ["ussd", "voice"])
async def test_nothing_is_said_where_nobody_is_on_the_line(desk: Desk, channel: str) -> None:
    desk.scene = desk.scene.but(channel=channel)
    assert code_of(await desk.do("send_message", text="Hello")) == "SCREEN_CLOSED"
    assert desk.asked(SEND) == []


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
@pytest.mark.parametrize("activity", ["send_message", "send_sms"])
async def test_a_text_whose_answer_got_lost_is_unknown_and_never_sent_again(
    desk: Desk, activity: str, fault: str
) -> None:
    desk.fails(fault, SEND)
    one: dict[str, Any] = {"to": ASHA, "message": "Hello"}
    args = one if activity == "send_sms" else {"text": "Hello"}
    assert (await desk.do(activity, **args)).state == "unknown"
    assert (await desk.do(activity, **args)).state == "unknown"
    assert len(desk.texts()) == len(desk.asked(SEND)) == 1
    assert (await desk.ledger())["state"] == "unknown"


async def test_a_text_of_a_worker_that_died_is_unknown_when_its_time_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_module, "MARGIN", 0.0)
    died = effect("send_message", text="Hello", options=Options(timeout=0.01))
    run = (desk.scene.workspace, desk.scene.execution_id)
    await ledger.begin(desk.db, *run, [entry_of(died)], 0.01)
    report = await desk.do("send_message", text="Hello", options=died.options)
    assert report.state == "unknown"
    assert desk.asked(SEND) == []


@pytest.mark.parametrize("date", [False, True])
async def test_a_429_is_tried_again_when_the_provider_says(desk: Desk, date: bool) -> None:
    told = {"throttle_retry_after": 2, "throttle_as_date": date}
    desk.emulator.configure(desk.emulator.config.model_copy(update=told))
    desk.fails("throttle", SEND)
    report = await desk.do("send_sms", to=ASHA, message="Hello", options=Options(**QUICK))
    assert (report.state, report.attempt) == ("done", 2)
    first, second = desk.asked(SEND)
    assert (first["status"], second["status"]) == (429, 201)
    assert len(desk.texts()) == 1
    # Tried a hundredth of a second later but for the header; a date has no parts of a second.
    waited = await desk.db.fetchval("SELECT extract(epoch FROM updated_at - created_at)::float8 FROM effects")
    assert waited >= (1 if date else 2)


async def test_a_text_to_several_tells_of_each_and_leaves_by_failed_where_one_was_refused(desk: Desk) -> None:
    report = await desk.do("send_sms", to=[ASHA, "+254799000403", JUMA], message="Hello")
    assert report.outcome is not None
    assert (report.state, report.outcome.exit) == ("done", "failed")
    told = [(row["number"], row["status"], row.get("code")) for row in report.outcome.value["recipients"]]
    assert told == [
        (ASHA, "Success", None),
        ("+254799000403", "InvalidPhoneNumber", "INVALID_PHONE_NUMBER"),
        (JUMA, "Success", None),
    ]
    assert report.outcome.value["failed"] == ["+254799000403"]
    assert [number for number, _, _ in desk.texts()] == [ASHA, JUMA]


async def test_a_request_refused_as_a_whole_leaves_by_failed(desk: Desk) -> None:
    report = await desk.do("send_sms", to=ASHA, message="Hello", **NOBODY)
    assert report.outcome is not None
    assert (report.outcome.exit, report.outcome.value["code"]) == ("failed", "INVALID_SENDER_ID")


async def test_who_wrote_stop_gets_nothing_more_in_any_flow_until_they_write_start(desk: Desk) -> None:
    where = (desk.db, desk.scene.workspace, AT, hashed(ASHA))
    await opt_outs.add(*where, "*", "word")
    refusals = [
        await desk.do("send_message", "a", text="Hello"),
        await desk.do("send_sms", "b", to=ASHA, message="Hello"),
        await desk.do("send_sms", "c", to=ASHA, message="Hello", **SHORT_CODE),
    ]
    assert [code_of(report) for report in refusals] == ["OPTED_OUT"] * 3
    assert desk.asked(SEND) == []
    start = {"key": "sms:1", "address": "28901/asha", "event": "sms_received", "channel": "sms"}
    wrote = Inbound.model_validate({**start, "kind": "message", "text": "START"})
    await opt_outs.heard(*where[:3], wrote, Word.start(hashed(ASHA), "28901"))
    assert (await desk.do("send_sms", "d", to=ASHA, message="Hello")).state == "done"


async def test_an_opt_out_that_the_provider_knows_is_known_from_the_first_refusal(desk: Desk) -> None:
    desk.emulator.state.opted_out.add(("DUKA", ASHA))
    first = await desk.do("send_message", "a", text="Hello")
    second = await desk.do("send_sms", "b", to=ASHA, message="Hello")
    other = await desk.do("send_sms", "c", to=ASHA, message="Hello", **SHORT_CODE)
    assert (code_of(first), code_of(second), other.state) == ("OPTED_OUT", "OPTED_OUT", "done")
    assert len(desk.asked(SEND)) == 2


async def test_a_provider_that_does_not_answer_is_left_alone_and_the_flow_told_at_once(
    db: Database, scene: Scene
) -> None:
    async with opened_desk(db, scene, failures=2) as desk:
        desk.fails("drop_before", SEND, times=2)
        lost = [await desk.do("send_message", node, text="Hello") for node in ("a", "b")]
        turned_away = await desk.do("send_message", "c", text="Hello")
        assert [report.state for report in lost] == ["unknown", "unknown"]
        assert (turned_away.state, code_of(turned_away)) == ("failed", "CIRCUIT_OPEN")
        assert len(desk.asked(SEND)) == 2
        await asyncio.sleep(PAUSE)
        assert (await desk.do("send_message", "d", text="Hello again")).state == "done"
        assert (await desk.do("send_message", "e", text="And again")).state == "done"
