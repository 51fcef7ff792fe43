"""Texts that people write: taken in once, and what they say of our texts is heard before any flow."""

import pytest

from store import opt_outs
from tests.api.conftest import Api
from tests.api.phones import OTHER, PHONE, SECRET, called, text, with_phones

pytestmark = pytest.mark.real

HASH = f"<{PHONE[-3:]}>"
ROWS = "SELECT state, how, event->>'text' FROM inbound_events WHERE workspace_id = $1 ORDER BY seq"


@pytest.fixture(autouse=True)
def phones(api: Api) -> None:
    with_phones(api)


async def fates(api: Api) -> list[tuple[str, str | None, str]]:
    return [(state, how, said) for state, how, said in await api.rows(ROWS)]


async def unwanted(api: Api, sender: str) -> bool:
    return await opt_outs.refuses(api.parts.db, api.workspace, "at", HASH, sender)


async def test_a_text_is_stored_in_the_lane_of_its_number_and_person_then_answered_ok(api: Api) -> None:
    answer = await called(api, "sms", **text("Habari"))
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["content-type"].startswith("text/plain")
    [(event, address, workflow)] = await api.rows(
        """SELECT event, l.address, l.workflow_id FROM inbound_events JOIN lanes AS l ON l.id = lane_id
        WHERE l.workspace_id = $1"""
    )
    assert address == f"28901/{HASH}"
    assert PHONE[1:] not in workflow
    assert (event["channel"], event["event"], event["kind"]) == ("sms", "sms_received", "message")
    assert event["contact"] == {"phone": PHONE}
    assert event["conversation"] == {"channel": "sms", "service": "28901", "network": "63902"}
    assert len(api.edge.delivered) == 1


async def test_the_same_text_again_is_answered_ok_and_changes_nothing(api: Api) -> None:
    for secret in (SECRET, OTHER):
        assert (await called(api, "sms", secret, **text("Habari"))).text == "OK"
    assert len(await fates(api)) == 1
    assert len(api.edge.delivered) == 1


@pytest.mark.parametrize("secret", [SECRET[:-1], SECRET + "x", "none", SECRET.upper(), "%00", "é"])
async def test_without_the_secret_nothing_is_there(api: Api, secret: str) -> None:
    for what in ("sms", "optout", "delivery", "airtime", "payment"):
        answer = await called(api, what, secret, **text("Habari"))
        assert (answer.status_code, answer.json()["code"]) == (404, "CHANNEL_NOT_FOUND")
    assert await fates(api) == []


async def test_a_field_that_is_missing_or_cannot_be_is_named_and_not_shown(api: Api) -> None:
    for fields, field in ((text("x", **{"from": "secret-person"}), "from"), (text("x", to=""), "to")):
        answer = await called(api, "sms", **fields)
        assert (answer.status_code, answer.json()["details"]) == (422, {"field": field})
        assert "secret-person" not in answer.text
    assert await fates(api) == []


async def test_what_cannot_be_stored_comes_again(api: Api) -> None:
    api.lose_database()
    for what, fields in (("sms", text("x")), ("optout", {"senderId": "DUKA", "phoneNumber": PHONE})):
        answer = await called(api, what, **fields)
        assert (answer.status_code, answer.json()["code"]) == (500, "EVENT_NOT_STORED")


@pytest.mark.parametrize("word", ["STOP", " stop ", "Stop.", "STOP ALL", "unsubscribe", "Acha!"])
async def test_stop_is_an_opt_out_from_all_our_senders_before_it_is_anything_else(
    api: Api, word: str
) -> None:
    assert (await called(api, "sms", **text(word))).text == "OK"
    assert await fates(api) == [("ignored", "opt_out", word)]
    assert [await unwanted(api, sender) for sender in ("28901", "DUKA", "")] == [True] * 3
    assert api.edge.delivered == []


@pytest.mark.parametrize("word", ["stop it", "please stop", "cancel", "end", "0"])
async def test_words_that_only_hold_such_a_word_are_the_flows(api: Api, word: str) -> None:
    await called(api, "sms", **text(word))
    assert await fates(api) == [("received", None, word)]
    assert not await unwanted(api, "28901")


async def test_start_takes_an_opt_out_back_and_is_a_word_like_any_other_without_one(api: Api) -> None:
    for number, word in enumerate(["START", "STOP", "START", "START"]):
        await called(api, "sms", **text(word, str(number)))
    hows = [how for _, how, _ in await fates(api)]
    assert hows == [None, "opt_out", "opt_in", None]
    assert not await unwanted(api, "28901")


async def test_a_stop_that_is_brought_again_after_a_start_does_not_hold(api: Api) -> None:
    for number, word in (("1", "STOP"), ("2", "START"), ("1", "STOP")):
        await called(api, "sms", **text(word, number))
    assert not await unwanted(api, "28901")


async def test_the_providers_opt_out_counts_for_its_sender_alone_and_another_number_keeps_it(
    api: Api,
) -> None:
    answer = await called(api, "optout", senderId="DUKA", phoneNumber=PHONE)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert (await unwanted(api, "DUKA"), await unwanted(api, "28901")) == (True, False)
    await called(api, "sms", **text("START"))
    assert await unwanted(api, "DUKA"), "the provider refuses that sender still"


async def test_others_hear_of_nobodys_opt_out(api: Api) -> None:
    await called(api, "sms", **text("STOP"))
    assert not await opt_outs.refuses(api.parts.db, "another", "at", HASH, "28901")
    assert not await opt_outs.refuses(api.parts.db, api.workspace, "at-2", HASH, "28901")
    assert not await opt_outs.refuses(api.parts.db, api.workspace, "at", "<999>", "28901")
    [one] = await opt_outs.of(api.parts.db, api.workspace, "at", HASH)
    assert (one.scope, one.source) == ("*", "word")
