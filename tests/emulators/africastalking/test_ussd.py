"""USSD: the turns, what ends a session, the event at its end."""

import asyncio

import pytest
from fastapi import Response

from tests.emulators.africastalking.conftest import OpenShop
from tests.emulators.africastalking.shop import ASHA, Json, Shop

CODE = "*384*1#"


async def dial(shop: Shop, *screens: str, code: str = CODE) -> Json:
    shop.receiver.screens(*screens)
    return await shop.customer("dial", phone=ASHA, code=code)


async def test_the_text_grows_by_every_input_with_exactly_five_fields(shop: Shop) -> None:
    first = await dial(shop, "CON Menu\n1. Buy", "CON How many?", "CON Sure?", "END Thanks")
    assert (first["screen"], first["open"]) == ("Menu\n1. Buy", True)
    session = first["sessionId"]
    for text in ("1", "", "a*b"):
        last = await shop.customer("enter", session=session, text=text)
    assert (last["screen"], last["open"], last["status"]) == ("Thanks", False, "Success")
    turns = (await shop.settle()).of("ussd")
    assert [turn["text"] for turn in turns] == ["", "1", "1*", "1**a*b"]
    assert turns[0] == {
        "sessionId": session, "phoneNumber": ASHA, "networkCode": "99999", "serviceCode": CODE, "text": "",
    }  # fmt: skip


async def test_the_end_is_told_on_an_address_of_its_own(shop: Shop) -> None:
    shop.receiver.screens("CON One", **{"at-ussd-hop-metadata": "start"})
    shop.receiver.screens("CON Two", "END Bye", **{"at-ussd-hop-metadata": "next"})
    session = (await shop.customer("dial", phone=ASHA, code=CODE))["sessionId"]
    shop.clock.moment += 5.23
    for text in ("1", "2"):
        await shop.customer("enter", session=session, text=text)
    end = (await shop.settle()).of("ussd_end")[0]
    assert end == {
        "date": "2026-01-05 09:15:27", "sessionId": session, "serviceCode": CODE, "networkCode": "99999",
        "phoneNumber": ASHA, "status": "Success", "cost": "KES 0.10", "durationInMillis": "5230",
        "hopsCount": "3", "hopsMetadata": "start|next|next", "input": "1*2", "lastAppResponse": "END Bye",
    }  # fmt: skip
    hops = [h.headers.get("at-ussd-hop-metadata") for h in shop.receiver.hooks if h.name == "ussd"]
    assert hops == [None, "start", "next"]


def plain(text: str, status: int = 200, kind: str = "text/plain", hop: str = "") -> Response:
    return Response(text, status, {"at-ussd-hop-metadata": hop} if hop else None, kind)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (plain("CON x", 500), "500 Internal Server Error"),
        (plain("CON x", 404), "404 Not Found"),
        (plain("CON x", 201), "201 Created"),
        (plain("con x"), "neither"),
        (plain(" CON x"), "neither"),
        (plain("CON"), "neither"),
        (plain(""), "neither"),
        (plain("END "), "empty"),
        (plain("CON x", kind="text/html"), "text/html"),
        (plain("CON " + "x" * 179), "longer"),
        (plain("CON " + "ŋ" * 90), "longer"),
        (plain("CON x", hop="a|b"), "label"),
        (plain("CON x", hop="a" * 100), "label"),
    ],
)
async def test_a_wrong_answer_ends_the_session(shop: Shop, answer: Response, error: str) -> None:
    shop.receiver.script["ussd"].append(answer)
    told = await shop.customer("dial", phone=ASHA, code=CODE)
    assert (told["open"], told["status"]) == (False, "Failed")
    assert told["screen"] == "Connection problem or invalid MMI code."
    end = (await shop.settle()).of("ussd_end")[0]
    assert (end["status"], end["lastAppResponse"]) == ("Failed", bytes(answer.body).decode())
    assert error in end["errorMessage"]


async def test_an_answer_of_just_the_allowed_length_passes(shop: Shop) -> None:
    assert (await dial(shop, "CON " + "x" * 178))["open"]


@pytest.mark.parametrize(("network", "room"), [("63902", 160), ("63903", 184), ("63999", 182)])
async def test_each_operator_has_its_own_length(open_shop: OpenShop, network: str, room: int) -> None:
    shop = await open_shop(ussd_length="truncate", ussd_counts_prefix=False)
    await shop.http.post("/_control/seed", json={"phones": [{"number": ASHA, "network": network}]})
    assert len((await dial(shop, "CON " + "x" * 300))["screen"]) == room


async def test_an_operator_that_pages_keeps_paging_to_itself(open_shop: OpenShop) -> None:
    shop = await open_shop(ussd_length="paginate")
    text = "".join(chr(97 + n % 26) for n in range(400))
    first = await dial(shop, f"CON {text}", "END Bye")
    pages = [first["screen"]]
    for _ in range(2):
        pages.append((await shop.customer("enter", session=first["sessionId"], text="98"))["screen"])
    assert [page.rsplit("\n", 1)[1] for page in pages] == ["98:More", "98:More 00:Back", "00:Back"]
    assert "".join(page.rsplit("\n", 1)[0] for page in pages) == text
    back = await shop.customer("enter", session=first["sessionId"], text="00")
    assert back["screen"] == pages[1]
    await shop.customer("enter", session=first["sessionId"], text="5")
    assert [turn["text"] for turn in shop.receiver.of("ussd")] == ["", "5"]


async def test_a_service_that_is_too_slow_ends_the_session(open_shop: OpenShop) -> None:
    shop = await open_shop(ussd_deadline=10.0, clock_scale=100.0)
    hang = asyncio.Event()

    class Slow(Response):
        async def __call__(self, *_: object) -> None:
            await hang.wait()

    shop.receiver.script["ussd"].append(Slow())
    told = await shop.customer("dial", phone=ASHA, code=CODE)
    hang.set()
    assert told["error"] == "no answer in time"


async def test_who_types_nothing_in_time_is_dropped(open_shop: OpenShop) -> None:
    shop = await open_shop(clock_scale=1_000.0)
    silent = await dial(shop, "CON a")
    end = await shop.receiver.first("ussd_end")
    assert (end["sessionId"], end["status"]) == (silent["sessionId"], "Incomplete")
    assert (await shop.try_to("enter", session=silent["sessionId"], text="1")).status_code == 422


async def test_a_phone_has_one_session_and_a_closed_one_takes_nothing(shop: Shop) -> None:
    first = (await dial(shop, "CON a"))["sessionId"]
    second = (await dial(shop, "CON a"))["sessionId"]
    assert first != second
    assert (await shop.try_to("enter", session=first, text="1")).status_code == 422
    assert (await shop.customer("cancel", session=second))["status"] == "Incomplete"
    ends = (await shop.settle()).of("ussd_end")
    assert [(end["sessionId"], end["status"]) for end in ends] == [
        (first, "Incomplete"), (second, "Incomplete"),
    ]  # fmt: skip


async def test_deep_dialling_begins_with_text_and_unknown_codes_reach_nobody(open_shop: OpenShop) -> None:
    shop = await open_shop(service_codes=["*384*1#", "*384*1*9#"])
    await dial(shop, "END a", code="*384*1*2*0700#")
    await dial(shop, "END a", code="*384*1*9*5#")
    turns = shop.receiver.of("ussd")
    assert [(t["serviceCode"], t["text"]) for t in turns] == [(CODE, "2*0700"), ("*384*1*9#", "5")]
    for code in ("*384*12#", "*384*1", "*999#"):
        assert (await shop.try_to("dial", phone=ASHA, code=code)).status_code == 422


async def test_the_same_turn_may_come_twice(shop: Shop) -> None:
    session = (await dial(shop, "CON a", "CON b", "CON b"))["sessionId"]
    await shop.fault("duplicate", {"channel": "ussd"})
    await shop.customer("enter", session=session, text="1")
    await shop.customer("resend", session=session)
    assert [turn["text"] for turn in shop.receiver.of("ussd")] == ["", "1", "1", "1"]


@pytest.mark.parametrize(("action", "ends"), [("drop", 0), ("duplicate", 2), ("delay", 1)])
async def test_the_end_event_is_no_guarantee(shop: Shop, action: str, ends: int) -> None:
    await shop.fault(action, {"channel": "ussd_end"}, param=1.0 if action == "duplicate" else 0.05)
    await dial(shop, "END a")
    assert len((await shop.settle()).of("ussd_end")) == ends
    assert await shop.landed() == [1]


async def test_a_phone_types_no_more_than_the_operator_takes(shop: Shop) -> None:
    await shop.http.post("/_control/seed", json={"phones": [{"number": ASHA, "network": "63902"}]})
    session = (await dial(shop, "CON a", "CON b"))["sessionId"]
    assert (await shop.try_to("enter", session=session, text="x" * 81)).status_code == 422
    assert (await shop.customer("enter", session=session, text="x" * 80))["screen"] == "b"
