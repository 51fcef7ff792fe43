"""Voice: calls, what their XML does, their end."""

import asyncio
import re

import pytest
from fastapi import Response

from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, JUMA, Json, Shop

LINE = "+254711000000"
MENU = '<GetDigits numDigits="1" timeout="20"><Say>Press one</Say></GetDigits><Say>Nothing heard</Say>'


async def ring(shop: Shop, *documents: str) -> Json:
    """A subscriber calls; the documents answer the turns."""
    shop.receiver.actions(*documents)
    return await shop.customer("call", phone=ASHA, to=LINE)


async def test_an_outbound_call_has_the_documented_shape_and_rings(shop: Shop) -> None:
    fields = {"from": LINE, "to": f"{ASHA},0700", "clientRequestId": "r1"}
    answer = await shop.post("/voice/call", **fields)
    assert (answer.status_code, answer.headers["x-current-queue-size"]) == (200, "1")
    told = answer.json()
    good, bad = told["entries"]
    assert told["errorMessage"] == "None"
    assert re.fullmatch("ATVId_[0-9a-f]{32}", good["sessionId"])
    assert (good["status"], bad) == (
        "Queued", {"phoneNumber": "0700", "status": "InvalidPhoneNumber", "sessionId": "None"},
    )  # fmt: skip
    shop.receiver.actions("<Say>Hello</Say>")
    call = await shop.customer("pick_up", session=good["sessionId"])
    assert (call["heard"], call["state"]) == (["Hello"], "ended")
    first, final = (await shop.settle()).of("voice")
    assert first == {
        "isActive": "1", "sessionId": good["sessionId"], "direction": "Outbound", "callerNumber": LINE,
        "destinationNumber": ASHA, "callSessionState": "Active", "clientRequestId": "r1",
    }  # fmt: skip
    assert (final["isActive"], final["callSessionState"], final["status"]) == ("0", "Completed", "Success")
    unknown = (await shop.post("/voice/call", **fields | {"from": "+254711999999"})).json()
    assert unknown == {"entries": [], "errorMessage": "Invalid callerId: +254711999999"}
    for missing in fields.keys() - {"clientRequestId"}:
        wrong = {k: v for k, v in fields.items() if k != missing}
        assert (await shop.post("/voice/call", **wrong)).status_code == 400


async def test_a_call_may_bring_its_actions_with_it(shop: Shop) -> None:
    actions: list[Json] = [
        {"actionType": "Say", "text": "Habari", "voice": "en-GB-Standard-B", "playBeep": False},
        {"actionType": "Play", "url": "https://x/a.mp3"},
        {"actionType": "Dial", "phoneNumbers": [JUMA], "record": True, "sequential": True},
    ]
    told = await shop.post_json("/voice/call", to=[ASHA], callActions=actions, **{"from": LINE})
    call = await shop.customer("pick_up", session=told.json()["entries"][0]["sessionId"])
    assert (call["heard"], call["waiting"]) == (["Habari", "https://x/a.mp3"], "Dial")
    wrong = await shop.post_json(
        "/voice/call", to=[ASHA], callActions=[{"actionType": "Fly"}], **{"from": LINE}
    )
    assert wrong.status_code == 400


async def test_digits_are_sent_and_what_follows_is_for_silence_alone(shop: Shop) -> None:
    call = await ring(shop, MENU, MENU, "<Say>Bye</Say>")
    assert (call["heard"], call["waiting"]) == (["Press one"], "GetDigits")
    await shop.customer("press", session=call["sessionId"], text="12")
    again = await shop.customer("press", session=call["sessionId"], text="")
    assert again["heard"] == ["Press one", "Press one", "Nothing heard"]
    turns = (await shop.settle()).of("voice")
    assert [turn.get("dtmfDigits") for turn in turns] == [None, "1", None]
    assert turns[1]["isActive"] == "1"


async def test_digits_end_at_their_key_and_go_to_their_own_address(shop: Shop) -> None:
    url = "http://receiver.test/secret-path/digits"
    menu = f'<GetDigits finishOnKey="*" callbackUrl="{url}"><Play url="https://x/a.mp3"/></GetDigits>'
    call = await ring(shop, menu)
    shop.receiver.script["digits"].append(Response("<Response><Say>Thanks</Say></Response>"))
    done = await shop.customer("press", session=call["sessionId"], text="4#2*9")
    assert shop.receiver.of("digits")[0]["dtmfDigits"] == "4#2"
    assert done["heard"] == ["https://x/a.mp3", "Thanks"]
    assert (await shop.try_to("press", session=call["sessionId"], text="1")).status_code == 422


async def test_who_types_nothing_in_time_hears_what_follows(open_shop: OpenShop) -> None:
    shop = await open_shop(clock_scale=1_000.0)
    call = await ring(shop, MENU)
    async with asyncio.timeout(5):
        while len(shop.receiver.of("voice")) < 2:
            shop.receiver.arrived.clear()
            await shop.receiver.arrived.wait()
    assert shop.emulator.state.calls[call["sessionId"]].heard == ["Press one", "Nothing heard"]


async def test_a_recording_is_taken_or_covers_the_whole_call(shop: Shop) -> None:
    call = await ring(shop, '<Record/><Record maxLength="9"><Say>Speak</Say></Record>', "")
    assert call["waiting"] == "Record"
    await shop.customer("speak", session=call["sessionId"])
    turns = (await shop.settle()).of("voice")
    assert turns[1]["recordingUrl"].startswith("https://")
    assert turns[2]["recordingUrl"].startswith("https://")
    assert turns[0].get("recordingUrl") is None


@pytest.mark.parametrize(
    ("result", "cause", "status", "seconds"),
    [("answered", "NORMAL_CLEARING", "Success", "30"), ("busy", "USER_BUSY", "Failed", "0")],
)
async def test_a_dialled_leg_ends_the_call(
    shop: Shop, result: str, cause: str, status: str, seconds: str
) -> None:
    call = await ring(shop, f'<Dial phoneNumbers="{JUMA},+254700000113"/><Say>Never</Say>')
    shop.clock.moment += 65
    done = await shop.customer("bridged", session=call["sessionId"], result=result, seconds=30)
    assert done["heard"] == []
    final = (await shop.settle()).of("voice")[1]
    assert final.items() >= {
        "isActive": "0", "status": status, "lastBridgeHangupCause": cause, "dialDurationInSeconds": seconds,
        "dialDestinationNumber": JUMA, "durationInSeconds": "65", "currencyCode": "KES", "amount": "6",
    }.items()  # fmt: skip


async def test_a_call_waits_in_a_queue_until_somebody_takes_it(shop: Shop) -> None:
    async def waiting() -> Json:
        answer = await shop.post("/voice/queueStatus", phoneNumbers=LINE)
        told: Json = answer.json()
        assert (told["status"], told["errorMessage"]) == ("Success", "None")
        row: Json = told["entries"][0]
        return row

    assert await waiting() == {"phoneNumber": LINE, "queueName": "", "numCalls": 0}
    customer = await ring(shop, '<Enqueue name="help" holdMusic="https://x/a.mp3"/>')
    assert await waiting() == {"phoneNumber": LINE, "queueName": "help", "numCalls": 1}
    shop.receiver.actions(f'<Dequeue phoneNumber="{LINE}" name="help"/>')
    agent = await shop.customer("call", phone=JUMA, to=LINE)
    assert (agent["waiting"], (await waiting())["numCalls"]) == ("Dequeue", 0)
    assert (await shop.customer("hang_up", session=customer["sessionId"]))["state"] == "ended"
    assert (await shop.post("/voice/queueStatus", phoneNumbers="+254711999999")).status_code == 400


async def test_a_call_is_redirected_rejected_and_conferred(shop: Shop) -> None:
    shop.receiver.script["other"].append(Response("<Response><Reject/><Say>Never</Say></Response>"))
    call = await ring(shop, "<Say>A</Say><Redirect>http://receiver.test/secret-path/other</Redirect>")
    assert (call["heard"], call["final"]["hangupCause"], call["final"]["status"]) == (
        ["A"], "CALL_REJECTED", "Aborted",
    )  # fmt: skip
    assert shop.receiver.of("other")[0]["isActive"] == "1"
    await shop.settle()  # the end of the first call is told before the second begins
    assert (await ring(shop, "<Conference/>"))["waiting"] == "Conference"


async def test_two_documents_that_redirect_to_each_other_end(shop: Shop) -> None:
    loop = "<Redirect>http://receiver.test/secret-path/voice</Redirect>"
    call = await ring(shop, *[loop] * 101)
    assert (call["state"], call["error"]) == ("ended", "too many turns")


@pytest.mark.parametrize(
    "document",
    [
        "<say>x</say>", "<Say/>", "<Say loud='1'>x</Say>", "<Play/>", "<GetDigits/>", "<Hangup/>", "<Say>",
        "<GetDigits timeout='x'><Say>a</Say></GetDigits>", "<GetDigits><Say>a</Say><Say>b</Say></GetDigits>",
        "<Dial/>", "<Dequeue/>", "<Redirect/>", "<Reject>x</Reject>", "<Dial phoneNumbers='1' record='yes'/>",
        "<Enqueue><Say>x</Say></Enqueue>", "<GetDigits><Record/></GetDigits>", "<!-- --><Reject/>",
    ],
)  # fmt: skip
async def test_a_document_with_a_mistake_ends_the_call(shop: Shop, document: str) -> None:
    call = await ring(shop, document)
    assert (call["state"], call["final"]["status"]) == ("ended", "Failed")
    assert call["error"]


@pytest.mark.parametrize("answer", [Response("<Other/>"), Response("{}"), Response("<Response/>", 500)])
async def test_an_answer_that_is_no_document_ends_the_call(shop: Shop, answer: Response) -> None:
    shop.receiver.script["voice"].append(answer)
    assert (await shop.customer("call", phone=ASHA, to=LINE))["final"]["status"] == "Failed"


async def test_speech_markup_is_heard_as_its_text(shop: Shop) -> None:
    call = await ring(shop, "<Say>  <speak>Hello <break/>you &amp; me</speak></Say>")
    assert call["heard"] == ["Hello you & me"]


@pytest.mark.parametrize(("result", "cause"), [("no_answer", "NO_ANSWER"), ("rejected", "CALL_REJECTED")])
async def test_a_phone_that_is_not_picked_up_is_told_with_its_cause(
    shop: Shop, result: str, cause: str
) -> None:
    told = (await shop.post("/voice/call", to=ASHA, **{"from": LINE})).json()
    session = told["entries"][0]["sessionId"]
    await shop.customer("turn_away", session=session, result=result)
    final = (await shop.settle()).of("voice")
    assert [(f["isActive"], f["hangupCause"], f["durationInSeconds"]) for f in final] == [("0", cause, "0")]
    for action in ("pick_up", "turn_away", "hang_up", "speak", "bridged"):
        assert (await shop.try_to(action, session=session)).status_code == 422
    assert (await shop.try_to("call", phone=ASHA, to="+254711999999")).status_code == 422


async def test_a_sound_file_is_taken_for_one_of_our_numbers(shop: Shop) -> None:
    answer = await shop.post("/voice/mediaUpload", url="https://x/a.mp3", phoneNumber=LINE)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (201, "text/plain")
    for wrong in ({"url": "ftp://x"}, {"phoneNumber": ASHA}):
        fields = {"url": "https://x/a.mp3", "phoneNumber": LINE} | wrong
        assert (await shop.post("/voice/mediaUpload", **fields)).status_code == 400
