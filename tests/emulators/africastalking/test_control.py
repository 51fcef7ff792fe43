"""`/_control`: seeding, resetting, the journal, faults, the throttle."""

import ast
import sys
from pathlib import Path

import pytest

import emulators.africastalking
import emulators.common
from emulators.common.gate import Dropped
from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, JUMA, Json, Shop

PATH = "/api/version1/messaging"


async def test_a_seed_changes_settings_until_the_next_reset(shop: Shop) -> None:
    await shop.http.post("/_control/seed", json={"settings": {"sms_price": "2", "balance": "7"}})
    assert (await shop.send(ASHA))["Message"].startswith("Sent to 1/1 Total Cost: KES 2.0000")
    assert (await shop.state())["balance"] == "5"
    await shop.fault("drop", {"channel": "delivery"})
    await shop.http.post("/_control/reset")
    state = await shop.state()
    assert (state["balance"], state["sms"], state["phones"], await shop.landed()) == ("1000", [], [], [])


@pytest.mark.parametrize(
    "seed",
    [
        {"phone": []}, {"settings": {"nonsense": 1}}, {"settings": {"environment": "production"}},
        {"settings": {"callbacks": {"fax": "http://x"}}}, {"phones": [{"number": "0700"}]},
        {"settings": {"environment": "sandbox", "username": "myapp"}},
    ],
)  # fmt: skip
async def test_a_seed_with_a_mistake_is_refused(shop: Shop, seed: Json) -> None:
    assert (await shop.http.post("/_control/seed", json=seed)).status_code == 422


async def test_the_journal_numbers_every_call_and_callback_and_hides_key_and_addresses(shop: Shop) -> None:
    await shop.send(ASHA)
    await shop.settle()
    await shop.get(PATH)
    call, reading = await shop.journal("api")
    assert (call["method"], call["route"], call["status"]) == ("POST", PATH, 201)
    assert call["body"] == {"username": "sandbox", "to": ASHA, "message": "Habari"}
    assert call["answer"]["SMSMessageData"]["Recipients"][0]["number"] == ASHA
    assert reading["query"] == {"username": "sandbox"}
    told = (await shop.journal("delivery"))[0]
    assert (told["channel"], told["event"], told["url"]) == ("delivery", "Sent", "http://receiver.test")
    everything = await shop.http.get("/_control/journal")
    numbers = [line["n"] for line in everything.json()["lines"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "sandbox-key" not in everything.text
    assert "secret-path" not in everything.text


@pytest.mark.parametrize(
    ("action", "status", "sent"), [("error", 503, 0), ("error_after", 503, 1), ("throttle", 429, 0)]
)
async def test_a_call_fails_before_its_work_or_after_it(
    open_shop: OpenShop, action: str, status: int, sent: int
) -> None:
    shop = await open_shop(throttle_retry_after=3)
    param = {"param": status} if status == 503 else {}
    await shop.fault(action, {"method": "POST", "path": "/messaging$"}, **param)
    answer = await shop.post(PATH, to=ASHA, message="x")
    assert (answer.status_code, len((await shop.state())["sms"])) == (status, sent)
    assert answer.headers.get("retry-after") == ("3" if status == 429 else None)
    assert (await shop.post(PATH, to=ASHA, message="x")).status_code == 201
    assert await shop.landed() == [1]


async def test_a_dropped_connection_has_done_its_work_or_not(shop: Shop) -> None:
    for action, sent in (("drop_before", 0), ("drop_after", 1)):
        await shop.fault(action, {"path": "/messaging$"})
        with pytest.raises(Dropped):
            await shop.post(PATH, to=ASHA, message="x")
        assert len((await shop.state())["sms"]) == sent


async def test_callbacks_are_dropped_doubled_cut_and_overtaken(shop: Shop) -> None:
    await shop.fault("reorder", {"channel": "delivery", "event": "S"}, times=1)
    await shop.fault("truncate_body", {"channel": "optout"})
    await shop.fault("reorder", {"channel": "delivery"})
    await shop.send(ASHA)
    await shop.customer("optout", phone=JUMA, to="DUKA")
    await shop.settle()
    assert [hook["status"] for hook in shop.receiver.of("delivery")] == ["Success", "Sent"]
    cut = next(hook for hook in shop.receiver.hooks if hook.name == "optout")
    assert cut.raw == b"senderId=DUKA&phoneN"
    assert await shop.landed() == [0, 1, 1]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "explode"},
        {"action": "error", "match": {"channel": "sms"}},
        {"action": "wrong_signature"},
        {"action": "drop", "match": {"channel": "fax"}},
        {"action": "drop", "match": {"method": "POST"}},
        {"action": "error", "param": 200},
    ],
)
async def test_a_fault_with_a_mistake_is_refused(shop: Shop, fault: Json) -> None:
    assert (await shop.http.post("/_control/faults", json=fault)).status_code == 422


async def test_too_many_calls_a_second_are_refused_in_plain_text(open_shop: OpenShop) -> None:
    shop = await open_shop(requests_per_second=2, throttle_retry_after=1)
    answers = [await shop.get(PATH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].text, answers[2].headers["retry-after"]) == ("Too many requests", "1")
    shop.clock.moment += 1
    assert (await shop.get(PATH)).status_code == 200


async def test_a_full_emulator_refuses_to_grow(open_shop: OpenShop) -> None:
    shop = await open_shop(row_limit=2)
    answers = [await shop.post(PATH, to=ASHA, message="x") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 507]


def test_the_emulator_imports_nothing_of_the_house() -> None:
    allowed = {"emulators", "fastapi", "starlette", "uvicorn", "httpx", "pydantic", "orjson"}
    imported: set[str] = set()
    for package in (emulators.africastalking, emulators.common):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    imported |= {alias.name for alias in node.names}
                if isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module)
    assert not {name for name in imported if name.startswith("emulators.chatwoot")}
    assert {name.split(".")[0] for name in imported} - allowed <= set(sys.stdlib_module_names)
