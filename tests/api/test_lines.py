"""Callbacks of people on the line: whom the door lets in, what a phone sees where our side is down."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.parts import Channel
from intake.gateway import Gateway
from providers.africastalking.callbacks import Callback
from tests.api.callbacks import FORGED, SECRET, request
from tests.api.conftest import Api, client_of
from tests.providers.africastalking.bodies import BODIES, FORM, keyed

pytestmark = pytest.mark.real

OLDER = "the-secret-that-it-replaces-" + 32 * "y"
ENDED = {"isActive": "0", "status": "Success", "durationInSeconds": "12", "hangupCause": "NORMAL_CLEARING"}


@pytest.fixture
async def line(api: Api) -> AsyncIterator[Api]:
    """The application with a line of Africa's Talking, and without Temporal."""
    nowhere = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    gateway = Gateway(api.parts.db, nowhere)
    secrets = (SecretStr(SECRET), SecretStr(OLDER))
    channel = Channel("main", f"at-{api.workspace}", secrets, workspace=api.workspace)
    api.app.state.parts = replace(
        api.parts, gateway=gateway, lines={"main": channel}, hashed=keyed, public_url="https://duka.test"
    )
    yield api
    await api.parts.deliveries.finish(5)


async def post(
    api: Api,
    callback: Callback,
    *,
    secret: str = SECRET,
    channel: str = "main",
    step: str = "",
    **fields: Any,
) -> httpx.Response:
    body = urlencode(BODIES[callback] | fields).encode()
    path = f"/webhooks/africastalking/{channel}/{secret}/{callback}{step}"
    async with client_of(api.app) as provider:
        return await provider.post(path, content=body, headers={"Content-Type": FORM})


async def rows_of(api: Api) -> list[tuple[Any, ...]]:
    return await api.rows(
        "SELECT dedupe_key, state, how FROM inbound_events WHERE workspace_id = $1 ORDER BY seq"
    )


STRANGERS = [("main", "wrong"), ("main", SECRET[:-1]), ("main", SECRET + "x"), ("other", SECRET)]


async def test_without_the_secret_nothing_is_there_and_nothing_is_stored(line: Api) -> None:
    for callback, (channel, secret) in product(BODIES, STRANGERS):
        answer = await post(line, callback, channel=channel, secret=secret)
        assert (answer.status_code, answer.json()["code"]) == (404, "CHANNEL_NOT_FOUND")
    for table in ("inbound_events", "line_sessions", "reports", "opt_outs"):
        assert await line.rows(f"SELECT FROM {table} WHERE workspace_id = $1") == []


async def test_a_channel_without_secrets_is_shut(line: Api) -> None:
    shut = {"main": Channel("main", "at", workspace=line.workspace)}
    line.app.state.parts = replace(line.app.state.parts, lines=shut)
    assert (await post(line, "ussd", secret="")).status_code == 404
    assert (await post(line, "ussd", secret="%00")).status_code == 404


@pytest.mark.parametrize("secret", [SECRET, OLDER])
async def test_each_of_the_channels_secrets_opens_it(line: Api, secret: str) -> None:
    answer = await post(line, "ussd", secret=secret, text="")
    assert (answer.status_code, answer.text) == (200, "END This service is not available.")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"sessionId": ""}, "FIELD_MISSING", "sessionId"),
        ({"phoneNumber": "Asha"}, "FIELD_INVALID", "phoneNumber"),
        ({"text": "x" * 5_000}, "FIELD_TOO_LONG", "text"),
        ({"text": "*".join("1" * 31)}, "TOO_MANY_INPUTS", None),
    ],
)
async def test_fields_that_cannot_be_are_named_and_leave_no_row(
    line: Api, fields: dict[str, str], code: str, field: str | None
) -> None:
    answer = await post(line, "ussd", **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["details"].get("field") == field
    assert await rows_of(line) == []


@pytest.mark.parametrize("callback", ["ussd", "ussd-end"])
async def test_a_session_that_changes_its_phone_is_refused(line: Api, callback: Callback) -> None:
    await post(line, "ussd", text="")
    before = await rows_of(line)
    answer = await post(line, callback, phoneNumber="+254700000222")
    assert (answer.status_code, answer.json()["code"]) == (409, "SESSION_MISMATCH")
    assert await rows_of(line) == before


async def test_the_end_of_a_session_is_stored_once_and_starts_nothing(line: Api) -> None:
    await post(line, "ussd", text="")
    for _ in range(2):
        assert (await post(line, "ussd-end")).text == "OK"
    await line.parts.deliveries.finish(5)
    assert (await rows_of(line))[1:] == [("end:ATUid_a1", "ignored", "no_trigger")]
    [(ended,)] = await line.rows("SELECT ended_at FROM line_sessions WHERE workspace_id = $1")
    assert ended is not None


async def test_the_end_of_an_older_session_is_no_end_of_the_newer(line: Api) -> None:
    await post(line, "ussd", text="")
    await post(line, "ussd", text="", sessionId="ATUid_b2")
    assert (await post(line, "ussd-end")).text == "OK"
    assert len(await rows_of(line)) == 2


async def test_without_the_database_the_caller_is_told_to_try_again(line: Api) -> None:
    line.lose_database()
    line.app.state.parts = replace(
        line.app.state.parts, lines={"main": Channel("main", "at", (SecretStr(SECRET),))}
    )
    ussd, voice = await post(line, "ussd"), await post(line, "voice")
    assert (ussd.status_code, ussd.text) == (200, "END Please try again later.")
    assert voice.status_code == 200
    assert "<Say>Please try again later.</Say>" in voice.text
    ended: dict[Callback, dict[str, str]] = {"ussd-end": {}, "voice": ENDED}
    for callback, fields in ended.items():
        answer = await post(line, callback, **fields)
        assert (answer.status_code, answer.json()["code"]) == (500, "EVENT_NOT_STORED")


async def test_a_call_without_a_flow_is_told_so_and_over(line: Api) -> None:
    answer = await post(line, "voice")
    assert answer.headers["content-type"].startswith("application/xml")
    assert "<Say>This service is not available.</Say>" in answer.text
    assert "Redirect" not in answer.text
    assert (await post(line, "voice")).text == answer.text, "the same again"
    assert await rows_of(line) == [("voice:ATVId_x:start", "ignored", "no_trigger")]


async def test_a_token_that_we_never_gave_leads_nowhere(line: Api) -> None:
    await post(line, "voice")
    answer = await post(line, "voice", step="?step=forged", dtmfDigits="1")
    assert "<Say>Please start again.</Say>" in answer.text
    assert len(await rows_of(line)) == 1


async def test_the_end_of_a_call_is_answered_with_nothing(line: Api) -> None:
    answer = await post(line, "voice", **ENDED)
    assert (answer.status_code, answer.text) == (200, "")
    [(event,)] = await line.rows("SELECT event FROM inbound_events WHERE workspace_id = $1")
    assert (event["kind"], event["event"], event["turn"]) == ("hung_up", "call_ended", None)
    assert event["value"] == {"status": "Success", "cause": "NORMAL_CLEARING", "seconds": 12}


async def test_whatever_comes_is_answered_without_a_fault_and_nothing_of_strangers_is_stored(
    line: Api, examples: int | None
) -> None:
    dice, answered = random.Random(20_261_122), Counter[tuple[bool, int]]()
    async with client_of(line.app) as provider:
        for _ in range(examples or 400):
            sent = request(dice)
            headers = {"Content-Type": sent.kind} if sent.kind else {}
            answer = await provider.post(sent.path, content=sent.body, headers=headers)
            answered[sent.trusted, answer.status_code] += 1
            assert answer.status_code < 500, (sent, answer.text)
    await line.parts.deliveries.finish(10)
    assert answered[True, 200] > 50, "some were let in"
    assert {status for trusted, status in answered if not trusted} <= {404, 422}
    for table in ("inbound_events", "line_sessions", "reports", "opt_outs"):
        held = f"SELECT count(*) FROM {table} AS t WHERE workspace_id = $1 AND t::text LIKE '%{FORGED}%'"
        assert await line.rows(held) == [(0,)]
