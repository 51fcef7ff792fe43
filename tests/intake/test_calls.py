"""Calls, on a real Temporal: each callback follows one of our answers, and leads to one of its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from dsl.addresses import lane_address
from dsl.inputs import Inbound
from intake.calls import Heard, called, ended
from intake.desk import LOST, Desk, Mismatch
from intake.turns import CAP
from providers.africastalking.events import VoiceEvent
from tests.intake.office import Office
from tests.intake.test_turns import desk_of
from tests.providers.africastalking.bodies import PHONE, keyed, read

pytestmark = pytest.mark.real

NUMBER = "+254711000000"
DIALLED: dict[str, str] = {"dialDestinationNumber": "+254700000333", "dialDurationInSeconds": "90"}


@dataclass
class Call:
    """A call at a desk."""

    office: Office
    desk: Desk

    async def tells(self, step: str | None = None, **fields: str) -> Heard:
        """What an active call's callback is answered with."""
        event = read("voice", **fields)
        assert isinstance(event, VoiceEvent)
        return await called(self.desk, event, step, asyncio.get_running_loop().time() + CAP)

    async def begins(self) -> Heard:
        """The first answer, once the run is on record."""
        heard = await self.tells()
        row = await self.office.db.fetchrow("SELECT id, lane_id FROM inbound_events")
        await self.office.recorded(row["lane_id"], row["id"], 1, status="waiting_input")
        return heard

    async def is_over(self, **fields: str) -> Inbound | None:
        """The event of a call's last callback."""
        event = read("voice", **{"isActive": "0", "status": "Success", "durationInSeconds": "12", **fields})
        assert isinstance(event, VoiceEvent)
        return await ended(self.desk, event)

    async def events(self) -> list[dict[str, Any]]:
        """All that was stored, in order."""
        rows = await self.office.db.fetch("SELECT event FROM inbound_events ORDER BY accepted_at, seq")
        return [row["event"] for row in rows]


@pytest.fixture
async def call(office: Office) -> AsyncIterator[Call]:
    """A call, and a flow that answers it."""
    desk, beside = desk_of(office)
    await office.publish("ivr", event="call_received", channel="voice")
    yield Call(office, desk)
    await asyncio.gather(*beside)


def said(heard: Heard) -> str:
    return heard.screen.said[0].text


async def test_a_call_is_answered_and_its_keys_are_heard(call: Call) -> None:
    first = await call.begins()
    assert said(first) == "[1]"
    second = await call.tells(first.token, dtmfDigits="1")
    assert (said(second), second.token != first.token) == ("[1, 2]", True)
    opened, keys = await call.events()
    assert (opened["kind"], opened["event"], opened["turn"]["surface"]) == (
        "opened",
        "call_received",
        "voice",
    )
    assert (keys["event"], keys["text"], keys["value"]) == ("call_input", "1", None)
    assert opened["contact"] == {"phone": PHONE}
    assert opened["conversation"] == {"channel": "voice", "service": NUMBER, "session": "ATVId_x"}
    assert opened["address"] == lane_address(keyed, NUMBER, PHONE)


async def test_silence_is_heard_as_no_keys(call: Call) -> None:
    first = await call.begins()
    assert said(await call.tells(first.token)) == "[1, 2]"
    assert (await call.events())[1]["text"] == ""


async def test_the_same_callback_again_is_answered_with_the_same(call: Call) -> None:
    first = await call.begins()
    assert await call.tells() == first
    second = await call.tells(first.token, dtmfDigits="1")
    assert await call.tells(first.token, dtmfDigits="1") == second
    assert await call.tells() == first, "a late copy"
    assert len(await call.events()) == 2


@pytest.mark.parametrize("step", ["forged", ""])
async def test_a_token_of_nobodys_leads_nowhere(call: Call, step: str) -> None:
    assert (await call.tells(step)).screen == LOST
    await call.tells()
    assert (await call.tells("forged")).screen == LOST
    assert len(await call.events()) == 1


async def test_a_recording_is_what_was_answered(call: Call) -> None:
    first = await call.begins()
    await call.tells(first.token, recordingUrl="https://r.test/1.mp3")
    assert (await call.events())[1]["value"] == {"recording": "https://r.test/1.mp3"}


async def test_the_end_of_a_dial_comes_to_the_first_address_and_answers_the_step_that_dialled(
    call: Call,
) -> None:
    await call.begins()
    dial = '{"said": [{"action": {"action": "dial", "phoneNumbers": ["+254700000333"]}}], "open": true}'
    await call.office.db.execute("UPDATE inbound_events SET screen = $1::jsonb", dial)
    assert said(await call.tells(**DIALLED)) == "[1, 2]"
    assert (await call.events())[1]["value"] == {"dialled": "+254700000333", "seconds": 90}
    assert said(await call.tells(**DIALLED)) == "", "the first screen again: nothing dials now"


async def test_a_call_of_ours_is_known_by_whom_it_reaches(call: Call) -> None:
    await call.office.publish("back", event="call_received", channel="sms")
    outbound = {"direction": "Outbound", "callerNumber": NUMBER, "destinationNumber": PHONE}
    await call.tells(**outbound)
    [event] = await call.events()
    assert (event["event"], event["contact"]) == ("call_answered", {"phone": PHONE})
    assert event["address"] == lane_address(keyed, NUMBER, PHONE)


async def test_callers_who_hide_their_number_are_strangers_to_each_other(call: Call) -> None:
    await call.tells(callerNumber="Anonymous")
    await call.tells(callerNumber="Anonymous", sessionId="ATVId_y")
    one, two = await call.events()
    assert one["address"] != two["address"]
    assert one["contact"] == two["contact"] == {}


async def test_a_call_is_bound_to_its_caller(call: Call) -> None:
    first = await call.begins()
    with pytest.raises(Mismatch):
        await call.tells(first.token, dtmfDigits="1", callerNumber="+254700000222")


async def test_a_hang_up_tells_how_the_call_went(call: Call) -> None:
    await call.tells()
    over = await call.is_over(hangupCause="NORMAL_CLEARING", recordingUrl="https://r.test/1.mp3")
    assert over is not None
    assert (over.kind, over.event, over.turn) == ("hung_up", "call_ended", None)
    told = {"status": "Success", "cause": "NORMAL_CLEARING", "seconds": 12}
    assert over.value == {**told, "recording": "https://r.test/1.mp3"}


async def test_a_call_that_was_never_answered_is_over_all_the_same(call: Call) -> None:
    over = await call.is_over(status="Failed", hangupCause="USER_BUSY")
    assert over is not None
    assert over.value == {"status": "Failed", "cause": "USER_BUSY", "seconds": 12}


async def test_a_call_that_was_put_through_ends_with_what_came_of_it(call: Call) -> None:
    await call.tells()
    over = await call.is_over(**DIALLED)
    assert over is not None
    assert (over.kind, over.event, over.turn) == ("message", "call_input", None)
    assert over.value == {"dialled": "+254700000333", "seconds": 90}


async def test_the_late_end_of_an_older_call_is_no_end_of_the_newer(call: Call) -> None:
    await call.tells()
    await call.tells(sessionId="ATVId_y")
    assert await call.is_over() is None
    assert await call.is_over(sessionId="ATVId_y") is not None
