"""Short messages: what is accepted, what is refused, the reports, the inbox."""

import re

import pytest

from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, JUMA, Json, Shop

PATH = "/api/version1/messaging"


async def test_a_bulk_message_has_the_recorded_shape(shop: Shop) -> None:
    answer = await shop.post(PATH, to=f"{ASHA},{JUMA}", message="Habari", **{"from": "DUKA"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    data = answer.json()["SMSMessageData"]
    assert data["Message"] == "Sent to 2/2 Total Cost: KES 1.6000 Message parts: 1"
    first = data["Recipients"][0]
    assert re.fullmatch("ATXid_[0-9a-f]{32}", first.pop("messageId"))
    assert first == {"statusCode": 101, "number": ASHA, "status": "Success", "cost": "KES 0.8000"}
    assert (await shop.send(ASHA, enqueue=1))["Recipients"][0]["statusCode"] == 102


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ŋ" * 70, 1),
        ("ŋ" * 71, 2),
        ("x" * 459, 3),
    ],
)
async def test_a_long_text_costs_as_many_parts_as_its_alphabet_needs(
    shop: Shop, text: str, parts: int
) -> None:
    told = await shop.send(ASHA, text=text)
    assert told["Message"].endswith(f"Total Cost: KES {0.8 * parts:.4f} Message parts: {parts}")


async def test_an_unknown_sender_fails_the_whole_request_with_a_201(shop: Shop) -> None:
    assert await shop.send(ASHA, **{"from": "NOBODY"}) == {"Message": "InvalidSenderId", "Recipients": []}


STATUSES = {
    100: "Processed", 401: "RiskHold", 402: "InvalidSenderId", 403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType", 405: "InsufficientBalance", 406: "UserInBlacklist", 407: "CouldNotRoute",
    409: "DoNotDisturbRejection", 500: "InternalServerError", 501: "GatewayError", 502: "RejectedByGateway",
}  # fmt: skip


async def test_each_status_has_a_number_that_brings_it(shop: Shop) -> None:
    told = await shop.send(*(f"+254799000{code}" for code in STATUSES))
    assert {row["statusCode"]: row["status"] for row in told["Recipients"]} == STATUSES
    assert told["Message"].startswith("Sent to 1/12 Total Cost: KES 0.8000")
    assert {row["messageId"] for row in told["Recipients"][1:]} == {"None"}
    assert {row["cost"] for row in told["Recipients"][1:]} == {"0"}


async def test_one_bad_number_spoils_only_itself(shop: Shop) -> None:
    told = await shop.send(ASHA, "0700000112", f" {JUMA}")
    assert [row["statusCode"] for row in told["Recipients"]] == [101, 403, 403]


async def test_what_the_balance_does_not_pay_is_not_sent(open_shop: OpenShop) -> None:
    shop = await open_shop(balance="1.0")
    told = await shop.send(ASHA, JUMA)
    assert [row["statusCode"] for row in told["Recipients"]] == [101, 405]
    assert (await shop.get("/api/version1/user")).json() == {"UserData": {"balance": "KES 0.20"}}


@pytest.mark.parametrize("missing", ["username", "to", "message"])
async def test_a_missing_or_empty_field_is_a_plain_text_400(shop: Shop, missing: str) -> None:
    fields = {"username": "sandbox", "to": ASHA, "message": "x"}
    for wrong in ({k: v for k, v in fields.items() if k != missing}, fields | {missing: ""}):
        answer = await shop.http.post(PATH, data=wrong)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == f"Request is missing required form field '{missing}'"


async def test_a_wrong_key_or_name_is_a_plain_text_401(shop: Shop) -> None:
    for headers, name in (({"apiKey": "other"}, "sandbox"), ({"apiKey": ""}, "sandbox"), ({}, "myapp")):
        fields = {"username": name, "to": ASHA, "message": "x"}
        answer = await shop.http.post(PATH, data=fields, headers=headers)
        assert (answer.status_code, answer.text) == (401, "The supplied authentication is invalid")
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["www-authenticate"] == 'Basic realm="api"'


async def test_other_encodings_than_the_documented_are_refused(shop: Shop) -> None:
    assert (await shop.post_json(PATH, to=ASHA, message="x")).status_code == 415
    fields = {"username": "sandbox", "to": ASHA, "message": "x"}
    answer = await shop.http.post(PATH, data=fields, headers={"Accept": "*/*"})
    assert (answer.status_code, (await shop.state())["sms"]) == (406, [])
    assert (await shop.post(PATH, to=ASHA, message="x", enqueue="yes")).status_code == 400
    assert (await shop.http.put(PATH)).status_code == 405
    assert (await shop.get("/api/version1/nothing")).status_code == 404


async def test_reports_follow_in_order_with_the_messages_id(open_shop: OpenShop) -> None:
    shop = await open_shop(reports=["Sent", "Buffered", "Failed"], failure_reason="UserDoesNotExist")
    row = (await shop.send(ASHA))["Recipients"][0]
    reports = (await shop.settle()).of("delivery")
    assert [report["status"] for report in reports] == ["Sent", "Buffered", "Failed"]
    assert "failureReason" not in reports[1]
    assert reports[2] == {
        "id": row["messageId"], "status": "Failed", "phoneNumber": ASHA, "networkCode": "99999",
        "retryCount": "0", "failureReason": "UserDoesNotExist",
    }  # fmt: skip


async def test_a_refused_number_gets_no_report_and_a_phone_may_have_reports_of_its_own(shop: Shop) -> None:
    phones = [{"number": JUMA, "reports": ["Rejected"], "failure_reason": "UserInBlackList"}]
    await shop.http.post("/_control/seed", json={"phones": phones})
    await shop.send("+254799000401", JUMA)
    reports = (await shop.settle()).of("delivery")
    assert [(r["phoneNumber"], r["failureReason"]) for r in reports] == [(JUMA, "UserInBlackList")]


async def test_a_report_may_come_before_the_answer_twice_and_late(shop: Shop) -> None:
    await shop.fault("delay_after", {"path": "/messaging$"}, param=0.5)
    await shop.fault("duplicate", {"channel": "delivery", "event": "Success"})
    await shop.send(ASHA)
    kinds = [(line["kind"], line.get("event")) for line in shop.emulator.journal.after(0, 100)]
    assert kinds[0] == ("api", None)
    assert ("delivery", "Success") in kinds  # and the answer had not been given yet
    row = (await shop.state())["sms"][0]
    await shop.settle()
    await shop.customer("report", id=row["id"], status="Expired")
    statuses = [report["status"] for report in (await shop.settle()).of("delivery")]
    assert sorted(statuses) == ["Expired", "Sent", "Success", "Success"]


async def test_an_incoming_message_is_tried_until_it_is_answered_with_200(shop: Shop) -> None:
    shop.receiver.answers("sms", 500, 204, 404)
    sent = await shop.customer("sms", phone=ASHA, to="28901", text="JOIN a & b")
    hooks = (await shop.settle()).of("sms")
    assert len(hooks) == 4
    assert all(hook == hooks[0] for hook in hooks)
    assert hooks[0] == {
        "id": sent["id"], "from": ASHA, "to": "28901", "text": "JOIN a & b", "date": "2026-01-05 09:15:22",
        "linkId": "", "networkCode": "99999",
    }  # fmt: skip
    outcomes = [line["outcome"] for line in await shop.journal("delivery")]
    assert outcomes == ["retry", "retry", "retry", "delivered"]


async def test_after_its_window_an_incoming_message_is_given_up(open_shop: OpenShop) -> None:
    shop = await open_shop(sms_retry_window=7, retry_delay=1.0, clock_scale=1_000.0)
    shop.receiver.answers("sms", *[500] * 9)
    await shop.customer("sms", phone=ASHA, to="28901", text="x")
    assert len((await shop.settle()).of("sms")) == 4  # at once, and after 1, 2 and 4 seconds


async def test_other_callbacks_are_tried_once_unless_told_otherwise(open_shop: OpenShop) -> None:
    for settings, tries in ((False, 1), (True, 2)):
        shop = await open_shop(retry_every_callback=settings, reports=["Success"])
        shop.receiver.answers("delivery", 500)
        await shop.send(ASHA)
        assert len((await shop.settle()).of("delivery")) == tries


async def test_the_inbox_is_read_from_a_number_on(shop: Shop) -> None:
    for text in ("one", "two"):
        await shop.customer("sms", phone=ASHA, to="28901", text=text)
    rows = (await shop.get(PATH, lastReceivedId=0)).json()["SMSMessageData"]["Messages"]
    assert rows[0] == {
        "linkId": "", "text": "one", "to": "28901", "id": 15072, "date": "2026-01-05T09:15:22.417Z",
        "from": ASHA,
    }  # fmt: skip
    rest = (await shop.get(PATH, lastReceivedId=15072)).json()["SMSMessageData"]["Messages"]
    assert [row["text"] for row in rest] == ["two"]
    assert (await shop.get(PATH, lastReceivedId="x")).status_code == 400
    assert (await shop.try_to("sms", phone=ASHA, to="55555", text="x")).status_code == 422
    assert (await shop.try_to("sms", phone="0700", to="28901", text="x")).status_code == 422


async def test_who_opted_out_gets_406_from_that_sender_until_they_come_back(shop: Shop) -> None:
    async def code(sender: str) -> int:
        return int((await shop.send(ASHA, **{"from": sender}))["Recipients"][0]["statusCode"])

    await shop.customer("optout", phone=ASHA, to="DUKA")
    assert (await shop.settle()).of("optout") == [{"senderId": "DUKA", "phoneNumber": ASHA}]
    assert (await code("DUKA"), await code("28901")) == (406, 101)
    await shop.customer("optin", phone=ASHA, to="DUKA")
    assert await code("DUKA") == 101


async def test_a_charged_message_answers_an_incoming_link(shop: Shop) -> None:
    link = (await shop.customer("sms", phone=ASHA, to="28901", text="x", on_demand=True))["linkId"]
    fields: Json = {"bulkSMSMode": 0, "from": "28901"}
    told = await shop.send(ASHA, linkId=link, keyword="JOIN", retryDurationInHours=2, **fields)
    assert told["Message"] == "Sent to 1/1"
    assert (told["Recipients"][0]["statusCode"], told["Recipients"][0]["cost"]) == (102, "0")
    await shop.settle()
    await shop.send(ASHA, linkId="forged", **fields)
    reports = (await shop.settle()).of("delivery")
    assert [r["status"] for r in reports] == ["Sent", "Success", "Rejected"]
    assert reports[2]["failureReason"] == "InvalidLinkId"
    assert (await shop.send(ASHA, bulkSMSMode=0, **{"from": "DUKA"}))["Recipients"] == []


async def test_production_has_the_newer_call_and_a_host_for_charged_messages(open_shop: OpenShop) -> None:
    live = await open_shop(environment="production", username="duka")
    body: Json = {"message": "x", "senderId": "DUKA", "phoneNumbers": [ASHA], "enqueue": True}
    answer = await live.post_json(f"{PATH}/bulk", **body)
    assert answer.json()["SMSMessageData"]["Recipients"][0]["statusCode"] == 102
    assert (await (await open_shop()).post_json(f"{PATH}/bulk", **body)).status_code == 404
    premium = {"to": ASHA, "message": "x", "from": "28901", "bulkSMSMode": 0}
    assert (await live.post("/content/version1/messaging", **premium)).status_code == 201
    assert (await live.post(PATH, **premium)).status_code == 400
    reports = (await live.settle()).of("delivery")
    assert {report["networkCode"] for report in reports} == {"63902"}
