"""Flows on the phone, from the network's callbacks to the end: keys, recordings, hang-ups."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.system.town import ASHA, JUMA, NUMBER, SERVICE_CODE, Town, opened_town, read_flow
from wiring.embedded.temporal import Temporal
from wiring.files import ROOT

pytestmark = pytest.mark.real

IVR = read_flow(ROOT / "examples" / "ivr_menu" / "ivr_menu.json")
WAYS = "For your balance, press 1. For leaving a message, press 2. For a person, press 3."
MENU = f"What can we do for you? {WAYS}"
ACCOUNT = "Please type the six digits of your account."
CALL_BACK: dict[str, Any] = {
    "id": "call-back",
    "name": "Call back",
    "trigger": {"event": "api"},
    "variables": {"rating": {"type": "string"}},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ring", "type": "initiate_call", "config": {"to": "{{trigger.phone}}", "timeout": "30s"}},
        {"id": "hello", "type": "message", "config": {"text": "Duka calls you back."}},
        {"id": "ask", "type": "get_digits",
         "config": {"text": "How did we do? One to five.", "numDigits": 1, "saveTo": "rating"}},
        {"id": "thanks", "type": "message", "config": {"text": "Thank you."}},
        {"id": "end", "type": "end"},
        {"id": "nobody", "type": "end", "config": {"outcome": "unanswered"}},
        {"id": "gone", "type": "end", "config": {"outcome": "abandoned"}},
    ],
    "edges": [
        {"from": "start", "to": "ring"},
        {"from": "ring", "exit": "answered", "to": "hello"},
        {"from": "ring", "exit": "no_answer", "to": "nobody"},
        {"from": "hello", "to": "ask"},
        {"from": "ask", "to": "thanks"},
        {"from": "ask", "exit": "timeout", "to": "gone"},
        {"from": "ask", "exit": "hangup", "to": "gone"},
        {"from": "thanks", "to": "end"},
    ],
}  # fmt: skip


MISSED: dict[str, Any] = {
    "id": "missed",
    "name": "Missed call",
    "trigger": {"event": "call_received"},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "refuse", "type": "reject"},
        {"id": "ring", "type": "initiate_call", "config": {"to": "{{contact.phone}}"}},
        {"id": "sound", "type": "play", "config": {"url": "https://shop.example/hello.mp3"}},
        {"id": "like", "type": "question",
         "config": {"text": "Did you like it?", "expects": "yes_no", "saveTo": "liked"}},
        {"id": "wait", "type": "enqueue", "config": {"name": "support"}},
        {"id": "end", "type": "end"},
        {"id": "nobody", "type": "end", "config": {"outcome": "unanswered"}},
    ],
    "edges": [
        {"from": "start", "to": "refuse"},
        {"from": "refuse", "to": "ring"},
        {"from": "ring", "exit": "answered", "to": "sound"},
        {"from": "ring", "exit": "no_answer", "to": "nobody"},
        {"from": "sound", "to": "like"},
        {"from": "like", "to": "wait"},
        {"from": "wait", "to": "end"},
    ],
}  # fmt: skip


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    """A town where nothing is published."""
    async with opened_town(dsn, temporal.address) as opened:
        yield opened


async def heard(town: Town, session: str, phone: str = ASHA) -> list[str]:
    """All that was heard in a call, and what it does while it says nothing."""
    return await town.phone(phone).heard(session)


async def test_a_caller_goes_through_the_menu_by_keys_to_the_end(town: Town) -> None:
    await town.publish(IVR)
    phone = town.phone()
    session = (await phone.call(NUMBER))["sessionId"]
    for keys in ("9", "1", "12", "004821", "1", "", ""):
        told = await phone.act("press", session=session, text=keys)
        assert told["error"] is None
    assert told["state"] == "ended"
    again = [MENU, ACCOUNT, "An account has six digits.", ACCOUNT]
    assert await heard(town, session) == [
        *("Welcome to Duka.", MENU, f"Please press 1, 2 or 3. {WAYS}", *again[1:]),
        *("Account 004821 holds 250 shillings.", *again),
        "Thank you for calling Duka.",
    ]
    ended = await town.ended()
    assert (ended["status"], ended["completionReason"]) == ("completed", "completed")
    assert ended["variables"]["account"] == "004821"


async def test_a_caller_leaves_a_message(town: Town) -> None:
    await town.publish(IVR)
    phone = town.phone()
    session = (await phone.call(NUMBER))["sessionId"]
    await phone.act("press", session=session, text="2")
    told = await phone.act("speak", session=session)
    assert (told["state"], told["heard"][-1]) == ("ended", "Thank you. We shall call you back.")
    ended = await town.ended()
    assert ended["results"]["recording"].startswith("https://recordings.invalid/")


async def test_a_caller_speaks_to_a_person(town: Town) -> None:
    await town.publish(IVR)
    phone = town.phone()
    session = (await phone.call(NUMBER))["sessionId"]
    await phone.act("press", session=session, text="3")
    assert (await heard(town, session))[-2:] == ["One moment, please.", "[dial +254711000111, +254711000112]"]
    await phone.act("bridged", session=session, result="answered", seconds=90)
    assert (await town.ended())["results"] == {"seconds": 90}


async def test_whoever_hangs_up_in_mid_question_leaves_by_that_exit(town: Town) -> None:
    await town.publish(IVR)
    phone = town.phone()
    session = (await phone.call(NUMBER))["sessionId"]
    await phone.act("press", session=session, text="1")
    await phone.act("hang_up", session=session)
    ended = await town.ended()
    assert (ended["status"], ended["completionReason"]) == ("completed", "abandoned")
    assert (await town.exits(ended["id"]))[-2:] == [("ask-account", "hangup"), ("gone", None)]


async def test_a_run_whose_caller_hangs_up_where_nothing_is_drawn_for_that_ends(town: Town) -> None:
    await town.publish(IVR)
    phone = town.phone()
    session = (await phone.call(NUMBER))["sessionId"]
    await phone.act("press", session=session, text="2")
    await phone.act("hang_up", session=session)
    ended = await town.ended()
    assert (ended["status"], ended["results"]["recording"]) == ("completed", "none")


async def test_two_callers_are_asked_each_for_themselves(town: Town) -> None:
    await town.publish(IVR)
    first, second = town.phone(), town.phone(JUMA)
    one, two = (await first.call(NUMBER))["sessionId"], (await second.call(NUMBER))["sessionId"]
    await second.act("press", session=two, text="2")
    await first.act("press", session=one, text="1")
    assert (await heard(town, one))[-1] == ACCOUNT
    assert (await heard(town, two, JUMA))[-1] == "[record]"


async def test_a_call_of_ours_that_is_answered_is_spoken_in(town: Town) -> None:
    await town.publish(CALL_BACK)
    await town.execute("call-back", trigger={"phone": JUMA})
    phone = town.phone(JUMA)
    session = await town.until_ringing(phone)
    told = await phone.act("pick_up", session=session)
    assert told["heard"] == ["Duka calls you back.", "How did we do? One to five."]
    told = await phone.act("press", session=session, text="5")
    assert (told["state"], told["heard"][-1]) == ("ended", "Thank you.")
    ended = await town.ended()
    assert (ended["status"], ended["variables"]["rating"]) == ("completed", "5")


@pytest.mark.parametrize("result", ["no_answer", "busy"])
async def test_a_call_of_ours_that_nobody_takes_goes_its_own_way(town: Town, result: str) -> None:
    await town.publish(CALL_BACK)
    await town.execute("call-back", trigger={"phone": JUMA})
    phone = town.phone(JUMA)
    await phone.act("turn_away", session=await town.until_ringing(phone), result=result)
    ended = await town.ended()
    assert (ended["status"], ended["completionReason"]) == ("completed", "unanswered")


async def test_a_person_who_hangs_up_on_our_call_leaves_by_that_exit(town: Town) -> None:
    await town.publish(CALL_BACK)
    await town.execute("call-back", trigger={"phone": JUMA})
    phone = town.phone(JUMA)
    session = await town.until_ringing(phone)
    await phone.act("pick_up", session=session)
    await phone.act("hang_up", session=session)
    ended = await town.ended()
    assert (await town.exits(ended["id"]))[-2:] == [("ask", "hangup"), ("gone", None)]


async def test_who_calls_and_is_not_taken_is_called_back_at_once(town: Town) -> None:
    """The end of the call that was not taken is not the end of the one that rings."""
    await town.publish(MISSED)
    phone = town.phone()
    missed = await phone.call(NUMBER)
    assert missed["final"]["hangupCause"] == "CALL_REJECTED"
    session = await town.until_ringing(phone)
    await town.idle()
    told = await phone.act("pick_up", session=session)
    asked = "Did you like it? For yes, press 1. For no, press 2."
    assert await heard(town, session) == ["[play https://shop.example/hello.mp3]", asked]
    told = await phone.act("press", session=session, text="1")
    assert told["waiting"] == "Enqueue"
    ended = await town.ended()
    assert (ended["status"], ended["variables"]) == ("completed", {"liked": True})


async def test_whoever_calls_while_we_call_them_hears_that_and_it_is_no_answer(town: Town) -> None:
    settings = {"sessionTtl": "1h", "busyText": "We are calling you just now."}
    await town.publish({**CALL_BACK, "settings": settings})
    await town.execute("call-back", trigger={"phone": JUMA})
    phone = town.phone(JUMA)
    session = await town.until_ringing(phone)
    theirs = await phone.call(NUMBER)
    assert (theirs["heard"], theirs["state"]) == (["We are calling you just now."], "ended")
    await town.idle()
    told = await phone.act("pick_up", session=session)
    assert told["heard"] == ["Duka calls you back.", "How did we do? One to five."]
    await phone.act("press", session=session, text="")
    ended = await town.ended()
    assert (await town.exits(ended["id"]))[-2:] == [("ask", "timeout"), ("gone", None)]


async def test_keys_are_asked_for_by_ussd_as_well(town: Town) -> None:
    nodes = [node for node in CALL_BACK["nodes"] if node["id"] not in ("ring", "hello", "nobody")]
    edges = [{"from": "start", "to": "ask"}, *CALL_BACK["edges"][4:]]
    by_ussd = {"trigger": {"event": "ussd_session"}, "nodes": nodes, "edges": edges}
    await town.publish({**CALL_BACK, **by_ussd})
    phone = town.phone()
    told = await phone.dial(SERVICE_CODE)
    assert (told["screen"], told["open"]) == ("How did we do? One to five.", True)
    told = await phone.act("enter", session=told["sessionId"], text="4")
    assert (told["screen"], told["open"]) == ("Thank you.", False)
    assert (await town.ended())["variables"]["rating"] == "4"


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
async def test_a_call_whose_answer_is_lost_is_made_once_and_spoken_in(town: Town, fault: str) -> None:
    await town.publish(CALL_BACK)
    await town.network.request(
        "POST", "/_control/faults", json={"action": fault, "match": {"path": "/voice/call"}, "times": 3}
    )
    await town.execute("call-back", trigger={"phone": JUMA})
    phone = town.phone(JUMA)
    told = await phone.act("pick_up", session=await town.until_ringing(phone))
    assert told["heard"] == ["Duka calls you back.", "How did we do? One to five."]
    await phone.act("press", session=told["sessionId"], text="3")
    assert (await town.ended())["variables"]["rating"] == "3"
    assert len(town.emulator.emulator.state.calls) == 1
