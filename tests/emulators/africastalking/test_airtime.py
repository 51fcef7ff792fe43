"""Airtime: the answer's shape, the guard of five minutes, keys, callbacks, lookup."""

import json
import re

import pytest
from fastapi import Response

from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, JUMA, RECEIVER, Json, Shop

PATH = "/api/version1/airtime/send"


def to(*pairs: tuple[str, str]) -> list[Json]:
    return [{"phoneNumber": number, "amount": amount} for number, amount in pairs]


async def top_up(shop: Shop, *pairs: tuple[str, str], key: str = "") -> Json:
    answer = await shop.post_json(PATH, key, recipients=to(*pairs))
    assert answer.status_code == 201
    told: Json = answer.json()
    return told


async def test_a_top_up_has_the_recorded_shape_as_form_and_as_json(shop: Shop) -> None:
    recipients = to((ASHA, "KES 50"))
    by_form = await shop.post(PATH, recipients=json.dumps(recipients), maxNumRetry=3)
    shop.clock.moment += 300
    by_json = await shop.post_json(PATH, recipients=recipients)
    assert (by_form.status_code, by_json.status_code) == (201, 201)
    for told in (by_form.json(), by_json.json()):
        row = told.pop("responses")[0]
        assert told == {
            "errorMessage": "None", "numSent": 1, "totalAmount": "KES 50.0000", "totalDiscount": "KES 2.0000",
        }  # fmt: skip
        assert re.fullmatch("ATQid_[0-9a-f]{32}", row.pop("requestId"))
        assert row == {
            "phoneNumber": ASHA, "errorMessage": "None", "amount": "KES 50.0000", "status": "Sent",
            "discount": "KES 2.0000",
        }  # fmt: skip
    assert (await shop.state())["balance"] == "904.00"


async def test_the_same_content_within_five_minutes_is_refused(shop: Shop) -> None:
    await top_up(shop, (ASHA, "KES 50"))
    shop.clock.moment += 299
    assert await top_up(shop, (JUMA, "KES 50"), (ASHA, "KES 50.00")) == {
        "errorMessage": "A duplicate request was received within the last 5 minutes", "numSent": 0,
        "totalAmount": "0", "totalDiscount": "0", "responses": [],
    }  # fmt: skip
    assert (await top_up(shop, (ASHA, "KES 51")))["numSent"] == 1
    shop.clock.moment += 1
    assert (await top_up(shop, (ASHA, "KES 50")))["numSent"] == 1


async def test_a_new_key_passes_the_guard_and_a_known_one_tops_up_once(open_shop: OpenShop) -> None:
    shop = await open_shop()
    first = await top_up(shop, (ASHA, "KES 50"), key="a")
    assert (await top_up(shop, (ASHA, "KES 50"), key="b"))["numSent"] == 1
    shop.clock.moment += 3_600
    assert await top_up(shop, (ASHA, "KES 50"), key="a") == first
    assert len((await shop.state())["airtime"]) == 2
    keys = [line["idempotency_key"] for line in await shop.journal("api")]
    assert keys == ["a", "b", "a"]
    other = await open_shop(repeated_key="duplicate")
    await top_up(other, (ASHA, "KES 50"), key="a")
    assert (await top_up(other, (ASHA, "KES 50"), key="a"))["numSent"] == 0


async def test_a_lost_answer_and_its_repetition_are_one_top_up(shop: Shop) -> None:
    await shop.fault("error_after", {"path": "/airtime/send$"})
    recipients = to((ASHA, "KES 50"))
    assert (await shop.post_json(PATH, "k", recipients=recipients)).status_code == 500
    assert (await shop.post_json(PATH, "k", recipients=recipients)).json()["numSent"] == 1
    assert len((await shop.settle()).of("airtime")) == 1


@pytest.mark.parametrize(
    ("number", "amount", "problem"),
    [
        ("0700", "KES 50", "Invalid phone number"),
        (ASHA, "KES 4.99", "Invalid amount"),
        (ASHA, "KES -50", "Invalid amount"),
        (ASHA, "KES NaN", "Invalid amount"),
        (ASHA, "50", "Invalid amount"),
        (ASHA, "UGX 50", "Invalid currency code"),
        (ASHA, "KES 2000", "Insufficient credit"),
    ],
)
async def test_one_bad_recipient_spoils_only_itself(
    shop: Shop, number: str, amount: str, problem: str
) -> None:
    told = await top_up(shop, (JUMA, "KES 5"), (number, amount))
    assert (told["numSent"], told["totalAmount"]) == (1, "KES 5.0000")
    assert [row["errorMessage"] for row in told["responses"]] == ["None", problem]


@pytest.mark.parametrize("recipients", ["", "x", "[]", "[1]", '[{"phone":"+254700000111"}]', '{"a":1}', "7"])
async def test_recipients_that_are_none_are_a_400(shop: Shop, recipients: str) -> None:
    answer = await shop.post(PATH, recipients=recipients)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("as_form", [False, True])
async def test_the_end_is_told_and_can_be_looked_up(open_shop: OpenShop, as_form: bool) -> None:
    shop = await open_shop(airtime_callback_as_form=as_form)
    await shop.http.post("/_control/seed", json={"phones": [{"number": JUMA, "airtime": "Failed"}]})
    told = await top_up(shop, (ASHA, "KES 50"), (JUMA, "KES 10"))
    good, bad = (await shop.settle()).of("airtime")
    assert good == {
        "requestId": told["responses"][0]["requestId"], "phoneNumber": ASHA, "status": "Success",
        "description": "Airtime Delivered Successfully", "value": "KES 50.0000", "discount": "KES 2.0000",
    }  # fmt: skip
    assert (bad["phoneNumber"], bad["status"]) == (JUMA, "Failed")
    assert (await shop.state())["balance"] == "952.00"
    found = (await shop.get("/api/query/transaction/find", transactionId=good["requestId"])).json()
    assert (found["status"], found["data"]["status"]) == ("Success", "Success")
    missing = (await shop.get("/api/query/transaction/find", transactionId="x")).json()
    assert missing["status"] == "Failure"


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (Response('{"status":"Validated"}'), "Success"),
        (Response('{"status":"Failed"}'), "Failed"),
        (Response("Validated"), "Failed"),
        (Response('{"status":"Validated"}', 500), "Failed"),
    ],
)
async def test_who_is_asked_first_decides(open_shop: OpenShop, answer: Response, end: str) -> None:
    names = ("airtime", "airtime_validation")
    shop = await open_shop(callbacks={name: f"{RECEIVER}/{name}" for name in names})
    shop.receiver.script["airtime_validation"].append(answer)
    told = await top_up(shop, (ASHA, "KES 50"))
    assert (await shop.settle()).of("airtime_validation") == [
        {
            "transactionId": told["responses"][0]["requestId"], "phoneNumber": ASHA, "currencyCode": "KES",
            "sourceIpAddress": "127.0.0.1", "amount": "50.0000",
        }
    ]  # fmt: skip
    assert shop.receiver.of("airtime")[0]["status"] == end
